#!/bin/sh
# Fetches what an image needs of ONNX Runtime, from the Python packages of its project and of NVIDIA, each checked by
# sha256.
#
#   fetch.sh cpu|cuda MACHINE FOLDER        MACHINE is x86_64 or aarch64; cuda is for x86_64 alone
#
# FOLDER gets the library and the providers that the image can use, FOLDER/cuda the CUDA libraries that these load.
set -eu

kind=$1 machine=$2 folder=$3
pins=$(dirname "$0")/$kind.txt
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT

case $kind-$machine in
cpu-x86_64 | cpu-aarch64 | cuda-x86_64) ;;
*)
  echo "fetch.sh: there is no pinned ONNX Runtime for $kind on $machine" >&2
  exit 1
  ;;
esac

python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
  --python-version 3.12 --implementation cp \
  --platform "manylinux_2_28_$machine" --platform "manylinux_2_27_$machine" --platform "manylinux_2_17_$machine" \
  --platform "manylinux_2_12_$machine" --dest "$wheels" --require-hashes --requirement "$pins"
for wheel in "$wheels"/*.whl; do
  python3 -m zipfile -e "$wheel" "$wheels/content"
done

take() {
  install -D --mode=644 --target-directory="$1" "$2"
}

libraries=$wheels/content/onnxruntime/capi
take "$folder" "$libraries/libonnxruntime.so.1.31.1"
if [ "$kind" = cuda ]; then
  # TensorRT's own libraries are larger than all of this together, so its provider stays away, too.
  take "$folder" "$libraries/libonnxruntime_providers_shared.so"
  take "$folder" "$libraries/libonnxruntime_providers_cuda.so"
  for name in libcudart.so.13 libcublas.so.13 libcublasLt.so.13 libcufft.so.12 libcurand.so.10 libnvJitLink.so.13 \
    libnvrtc.so.13 'libnvrtc-builtins.so.13.*' 'libcudnn*.so.9'; do
    found=$(find "$wheels/content/nvidia" -name "$name")
    [ -n "$found" ] || {
      echo "fetch.sh: no pinned package has $name" >&2
      exit 1
    }
    for library in $found; do take "$folder/cuda" "$library"; done
  done
fi
