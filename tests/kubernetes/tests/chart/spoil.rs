//! Rendered objects, changed for the worse.

use serde_json::Value;
use velatura_kubernetes::chart::{Object, Objects};

/// A rule by its name in one word, and a change that breaks it.
pub(crate) type Mistake = (&'static str, fn(&mut Objects));

fn named(objects: &mut Objects, is: impl Fn(&Object) -> bool) -> &mut Value {
    &mut objects
        .0
        .iter_mut()
        .find(|object| is(object))
        .expect("there is such an object")
        .0
}

pub(crate) fn first<'a>(objects: &'a mut Objects, kind: &str) -> &'a mut Value {
    named(objects, |object| object.kind() == kind)
}

pub(crate) fn at<'a>(objects: &'a mut Objects, kind: &str, place: &str) -> &'a mut Value {
    first(objects, kind).pointer_mut(place).expect("there is such a place")
}

pub(crate) fn worker(objects: &mut Objects) -> &mut Value {
    named(objects, |object| {
        object.kind() == "Deployment" && object.component() == "worker"
    })
}

pub(crate) fn worker_file(objects: &mut Objects) -> &mut Value {
    &mut named(objects, |object| {
        object.kind() == "ConfigMap" && object.component() == "worker"
    })["data"]["velatura.toml"]
}

pub(crate) fn trigger(objects: &mut Objects) -> &mut Value {
    &mut first(objects, "ScaledObject")["spec"]["triggers"][0]
}

pub(crate) fn remove(object: &mut Value, key: &str) {
    object
        .as_object_mut()
        .and_then(|map| map.remove(key))
        .expect("there is such a key");
}
