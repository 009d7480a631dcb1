use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The device asked for. It is the one that is used: only [`Auto`](Self::Auto) may fall back, and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Device {
    /// The CPU.
    Cpu,
    /// An NVIDIA GPU through CUDA.
    Cuda {
        /// Its number.
        id: u32,
    },
    /// An NVIDIA GPU through TensorRT, with CUDA for what TensorRT can't do.
    TensorRt {
        /// Its number.
        id: u32,
    },
    /// CUDA on the first GPU if that works, else the CPU.
    #[default]
    Auto,
}

/// What runs the graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The CPU.
    Cpu,
    /// CUDA.
    Cuda,
    /// TensorRT.
    TensorRt,
}

impl Provider {
    /// `cpu`, `cuda` or `tensorrt`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::TensorRt => "tensorrt",
        }
    }

    /// ONNX Runtime's own name for it.
    pub(crate) fn onnx_name(self) -> &'static str {
        match self {
            Self::Cpu => "CPUExecutionProvider",
            Self::Cuda => "CUDAExecutionProvider",
            Self::TensorRt => "TensorrtExecutionProvider",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A device's name that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the device {0:?} is unknown: use cpu, cuda, cuda:1, tensorrt, tensorrt:1 or auto")]
pub struct UnknownDevice(String);

impl FromStr for Device {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, UnknownDevice> {
        let unknown = || UnknownDevice(text.to_owned());
        let (name, id) = match text.split_once(':') {
            Some((name, id)) => (name, Some(id.parse().map_err(|_| unknown())?)),
            None => (text, None),
        };
        match (name, id) {
            ("cpu", None) => Ok(Self::Cpu),
            ("auto", None) => Ok(Self::Auto),
            ("cuda", id) => Ok(Self::Cuda { id: id.unwrap_or(0) }),
            ("tensorrt", id) => Ok(Self::TensorRt { id: id.unwrap_or(0) }),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Auto => f.write_str("auto"),
            Self::Cuda { id } => write!(f, "cuda:{id}"),
            Self::TensorRt { id } => write!(f, "tensorrt:{id}"),
        }
    }
}

impl TryFrom<String> for Device {
    type Error = UnknownDevice;

    fn try_from(text: String) -> Result<Self, UnknownDevice> {
        text.parse()
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_are_read_and_written_alike() {
        for name in ["cpu", "auto", "cuda:0", "cuda:3", "tensorrt:1"] {
            assert_eq!(name.parse::<Device>().map(String::from).as_deref(), Ok(name));
        }
        assert_eq!("cuda".parse(), Ok(Device::Cuda { id: 0 }));
        for name in ["gpu", "cuda:x", "cpu:1", ""] {
            assert!(name.parse::<Device>().is_err(), "{name}");
        }
    }
}
