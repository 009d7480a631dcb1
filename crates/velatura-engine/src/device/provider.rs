//! Which provider really runs a session's nodes, asked of ONNX Runtime itself: `ort` has no wrapper for it.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::ptr;

use ort::AsPointer;
use ort::session::Session;

/// The session option without which ONNX Runtime keeps no record.
pub(super) const RECORD_ASSIGNMENT: &str = "session.record_ep_graph_assignment_info";

/// Nodes by provider, such as `{"CPUExecutionProvider": 60}`.
pub(super) fn assignment(session: &Session) -> Result<BTreeMap<String, usize>, String> {
    let api = ort::api();
    let mut counts = BTreeMap::new();
    let (mut subgraphs, mut length) = (ptr::null(), 0);
    // SAFETY: the session is alive, and both pointers are to variables of our own; the array belongs to the session.
    unsafe {
        message((api.Session_GetEpGraphAssignmentInfo)(
            session.ptr(),
            &mut subgraphs,
            &mut length,
        ))
    }?;
    for index in 0..length {
        let (mut name, mut nodes, mut count) = (ptr::null(), ptr::null(), 0);
        // SAFETY: ONNX Runtime gave `length` subgraphs; name and nodes belong to the session, which is alive.
        let name = unsafe {
            let subgraph = *subgraphs.add(index);
            message((api.EpAssignedSubgraph_GetEpName)(subgraph, &mut name))?;
            message((api.EpAssignedSubgraph_GetNodes)(subgraph, &mut nodes, &mut count))?;
            CStr::from_ptr(name).to_string_lossy().into_owned()
        };
        *counts.entry(name).or_default() += count;
    }
    Ok(counts)
}

/// A status as a result.
///
/// # Safety
/// `status` comes from ONNX Runtime and is used nowhere else: it is freed here.
unsafe fn message(status: ort::sys::OrtStatusPtr) -> Result<(), String> {
    // SAFETY: by this function's own contract.
    unsafe { ort::Error::result_from_status(status) }.map_err(|e| e.to_string())
}
