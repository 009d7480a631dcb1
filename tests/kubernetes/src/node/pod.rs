//! A Pod as the API server describes it.

use serde_json::Value;

/// A Pod.
#[derive(Debug, Clone)]
pub(super) struct Pod(pub(super) Value);

impl Pod {
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn uid(&self) -> &str {
        self.text("/metadata/uid")
    }

    pub(super) fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    pub(super) fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    pub(super) fn node(&self) -> &str {
        self.text("/spec/nodeName")
    }

    pub(super) fn component(&self) -> &str {
        self.text("/metadata/labels/app.kubernetes.io~1component")
    }

    /// The path of the Pod in the API.
    pub(super) fn path(&self) -> String {
        format!("/api/v1/namespaces/{}/pods/{}", self.namespace(), self.name())
    }

    /// The seconds it may take to end, when it is to end.
    pub(super) fn ending(&self) -> Option<u64> {
        self.0.pointer("/metadata/deletionTimestamp")?;
        let grace = self.0.pointer("/metadata/deletionGracePeriodSeconds");
        Some(grace.and_then(Value::as_u64).unwrap_or(30))
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.text("/status/phase"), "Succeeded" | "Failed")
    }

    pub(super) fn list(&self, pointer: &str) -> Vec<Value> {
        self.0
            .pointer(pointer)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    }

    /// A number of the Pod's security context.
    pub(super) fn security(&self, key: &str) -> u32 {
        let number = self
            .0
            .pointer(&format!("/spec/securityContext/{key}"))
            .and_then(Value::as_u64);
        number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
    }

    /// The name of its network namespace.
    pub(super) fn network(&self) -> String {
        let uid: String = self.uid().chars().filter(|c| *c != '-').take(12).collect();
        format!("pod-{uid}")
    }
}
