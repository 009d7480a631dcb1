//! Looks at a library before `ort` does: what fails here is a sentence, what fails there may hang or abort.

use std::error::Error;
use std::ffi::{CStr, c_char, c_void};
use std::path::Path;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

use super::{RuntimeError, elf};

/// The oldest interface that tells which device runs which node.
const MINIMUM: &str = "1.24";
const MINIMUM_MINOR: u32 = 24;

/// What every version of the library exports; see `onnxruntime_c_api.h`.
#[repr(C)]
struct ApiBase {
    get_api: unsafe extern "C" fn(u32) -> *const c_void,
    get_version: unsafe extern "C" fn() -> *const c_char,
}

/// Checks that the file is an ONNX Runtime for this machine, new enough, and loads; returns its version.
pub(super) fn preflight(path: &Path) -> Result<String, RuntimeError> {
    let broken = |reason: String| RuntimeError::Broken {
        path: path.to_owned(),
        reason,
    };
    elf::check(path).map_err(broken)?;
    let version = ask_version(path).map_err(broken)?;
    match minor(&version) {
        Some(minor) if minor >= MINIMUM_MINOR => Ok(version),
        Some(_) => Err(RuntimeError::TooOld {
            path: path.to_owned(),
            version,
            minimum: MINIMUM,
        }),
        None => Err(broken(format!("its version {version:?} is not 1.x"))),
    }
}

/// The x of version 1.x.y.
fn minor(version: &str) -> Option<u32> {
    let mut parts = version.split('.');
    (parts.next() == Some("1"))
        .then(|| parts.next()?.parse().ok())
        .flatten()
}

fn ask_version(path: &Path) -> Result<String, String> {
    // SAFETY: loading runs the library's initialisers; the user named this file, or the set-up put it there after
    // checking its checksum.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
        .map_err(|e| format!("it does not load: {}", cause(&e)))?;
    // SAFETY: OrtGetApiBase has had this signature in every release.
    let get_base = unsafe { library.get::<unsafe extern "C" fn() -> *const ApiBase>(b"OrtGetApiBase\0") }
        .map_err(|_| "it does not export OrtGetApiBase".to_owned())?;
    // SAFETY: the function takes nothing and returns a pointer to a static.
    let base = unsafe { get_base().as_ref() }.ok_or("OrtGetApiBase returned nothing")?;
    // SAFETY: GetVersionString returns a static, zero-terminated string.
    let version = unsafe { (base.get_version)().as_ref().map(|text| CStr::from_ptr(text)) };
    let version = version
        .ok_or("it does not tell its version")?
        .to_string_lossy()
        .into_owned();
    // The library is about to be opened again, and some builds don't survive being unloaded.
    std::mem::forget(library);
    Ok(version)
}

/// What the dynamic loader says; `libloading` keeps it below its own words.
fn cause(error: &libloading::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_by_number_not_by_letter() {
        assert_eq!(minor("1.24.0"), Some(24));
        assert_eq!(minor("1.9.0"), Some(9));
        assert_eq!(minor("2.0.0"), None);
        assert_eq!(minor("main"), None);
    }
}
