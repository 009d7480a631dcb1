//! Bodies that are no message: what REST takes and gives as it is, where gRPC has a field of bytes.

use serde_json::{Value, json};

/// A body of any kind.
pub(crate) fn as_it_is() -> Value {
    json!({ "required": true, "content": { "application/octet-stream": {} } })
}

/// Adds to an operation what `proto/` can't say of it.
pub(crate) fn amend(operation: &mut Value) {
    match operation["operationId"].as_str() {
        Some("Paint") => {
            takes_a_photo(operation);
            gives_a_picture(operation);
        }
        Some("GetPicture") => gives_a_picture(operation),
        _ => {}
    }
}

/// The photo as the body, or in a form.
fn takes_a_photo(operation: &mut Value) {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let (style, recipe) = (
        text("A house style's name, or where the picture lies."),
        text("Or a Recipe as JSON."),
    );
    let deadline = json!({
        "type": "number",
        "description": "How long the caller waits, in seconds: above 0, at most 300. Default 30.",
    });
    let form = json!({
        "type": "object",
        "required": ["photo"],
        "properties": { "photo": {}, "style": style, "recipe": recipe, "deadline_seconds": deadline },
    });
    let content = &mut operation["requestBody"]["content"];
    content["image/*"] = json!({});
    content["multipart/form-data"] = json!({ "schema": form });
    let parameter = |name: &str, schema: &Value| json!({ "name": name, "in": "query", "schema": schema });
    operation["parameters"] = json!([
        parameter("style", &style),
        parameter("recipe", &recipe),
        parameter("deadline_seconds", &deadline),
    ]);
}

fn gives_a_picture(operation: &mut Value) {
    let job = json!({ "$ref": "#/components/schemas/Job" });
    let header = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    let later = header("Where to ask for the picture.");
    let responses = operation["responses"]
        .as_object_mut()
        .expect("an operation has responses");
    responses.remove("2XX");
    responses.insert(
        "200".to_owned(),
        json!({
            "description": "The picture.",
            "headers": { "velatura-job": header("Its job.") },
            "content": { "image/*": {} },
        }),
    );
    responses.insert(
        "202".to_owned(),
        json!({
            "description": "It was not ready in time.",
            "headers": { "Location": later },
            "content": { "application/json": { "schema": job } },
        }),
    );
}
