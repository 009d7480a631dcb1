//! One memory arena for all sessions of the process: only one of them runs at a time, so together they need what the
//! largest needs, instead of the sum.

use std::ptr;

use ort::AsPointer;
use ort::environment::Environment;
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};

/// Grow by what is asked for, not to the next power of two (`kSameAsRequested`).
const SAME_AS_REQUESTED: i32 = 1;
/// Leave a setting at ONNX Runtime's default.
const DEFAULT: i32 = -1;

/// Registers the arena with the environment; sessions use it by `with_env_allocators`.
pub(super) fn share_one(environment: &Environment) -> Result<(), String> {
    let memory = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Arena, MemoryType::Default)
        .map_err(|e| e.to_string())?;
    let api = ort::api();
    let mut settings = ptr::null_mut();
    // SAFETY: the environment and the memory description outlive the calls; ONNX Runtime copies the settings, which are
    // released whether or not it took them. `ort` has no wrapper for these three functions.
    let (made, registered) = unsafe {
        let made = message((api.CreateArenaCfg)(
            0,
            SAME_AS_REQUESTED,
            DEFAULT,
            DEFAULT,
            &mut settings,
        ));
        let registered = message((api.CreateAndRegisterAllocator)(
            environment.ptr().cast_mut(),
            memory.ptr(),
            settings,
        ));
        (api.ReleaseArenaCfg)(settings);
        (made, registered)
    };
    made.and(registered)
}

/// The status as a result. Takes ownership of the status.
///
/// # Safety
/// `status` comes from ONNX Runtime and is used nowhere else.
unsafe fn message(status: ort::sys::OrtStatusPtr) -> Result<(), String> {
    // SAFETY: by this function's own contract.
    unsafe { ort::Error::result_from_status(status) }.map_err(|e| e.to_string())
}
