//! The OpenAPI document of REST, made of the descriptors: an rpc whose comment begins with a method and a path, such as
//! `GET /v1/jobs/{id}: what it does`, is that route. So the document says what `proto/` says, word for word.

use std::collections::BTreeMap;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet};
use serde_json::{Map, Value, json};

/// The document, for people who read it too.
pub(crate) fn document(set: &FileDescriptorSet) -> String {
    let ours = || set.file.iter().filter(|file| file.package() == "velatura.v1");
    let mut house = House::default();
    ours().for_each(|file| house.collect(file));
    ours().for_each(|file| house.services(file));
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Velatura",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Restyles photo libraries in bulk. The same services are served over gRPC, as velatura.v1.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{ "key": [] }],
        "paths": house.paths,
        "components": {
            "schemas": house.schemas,
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "An API key, vel_…, where access is \"keys\"." },
            },
            "responses": { "Error": {
                "description": "Why it was not done. 429 and 503 say in Retry-After when to come again.",
                "content": { "application/json": { "schema": error() } },
            } },
        },
    });
    let mut text = serde_json::to_string_pretty(&document).expect("JSON is JSON");
    text.push('\n');
    text
}

fn error() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": { "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": { "type": "string", "description": "A stable name of what went wrong." },
                "message": { "type": "string", "description": "What went wrong and what to do, one sentence." },
                "field": { "type": "string", "description": "The field to blame, as it is written in the request." },
            },
        } },
    })
}

#[derive(Default)]
struct House {
    messages: BTreeMap<String, DescriptorProto>,
    schemas: Map<String, Value>,
    paths: BTreeMap<String, Map<String, Value>>,
}

/// What stands above each element of a file, by its path in the descriptor.
struct Comments<'a>(BTreeMap<&'a [i32], String>);

impl<'a> Comments<'a> {
    fn of(file: &'a FileDescriptorProto) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let comments = locations.map(|location| {
            let lines: Vec<&str> = location.leading_comments().lines().map(str::trim).collect();
            (location.path.as_slice(), lines.join(" ").trim().to_owned())
        });
        Self(comments.filter(|(_, text)| !text.is_empty()).collect())
    }

    fn at(&self, path: &[i32]) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Sets the description of a schema, if there is one.
    fn describe(&self, path: &[i32], mut schema: Value) -> Value {
        if let Some(text) = self.at(path) {
            schema["description"] = text.into();
        }
        schema
    }
}

impl House {
    fn collect(&mut self, file: &FileDescriptorProto) {
        let comments = Comments::of(file);
        for (message, i) in file.message_type.iter().zip(0..) {
            self.message("", message, &[4, i], &comments);
        }
        for (word, i) in file.enum_type.iter().zip(0..) {
            self.schemas
                .insert(word.name().to_owned(), words(word, &[5, i], &comments));
        }
    }

    fn message(&mut self, outer: &str, message: &DescriptorProto, path: &[i32], comments: &Comments<'_>) {
        let name = format!("{outer}{}", message.name());
        let below = |kind, i| [path, &[kind, i]].concat();
        let properties: Map<String, Value> = (message.field.iter().zip(0..))
            .map(|(field, j)| {
                let schema = self.field(message, field);
                (field.name().to_owned(), comments.describe(&below(2, j), schema))
            })
            .collect();
        let schema = json!({ "type": "object", "additionalProperties": false, "properties": properties });
        self.schemas.insert(name.clone(), comments.describe(path, schema));
        for (word, i) in message.enum_type.iter().zip(0..) {
            let inner = format!("{name}.{}", word.name());
            self.schemas.insert(inner, words(word, &below(4, i), comments));
        }
        for (inner, i) in message.nested_type.iter().zip(0..) {
            if !inner
                .options
                .as_ref()
                .is_some_and(prost_types::MessageOptions::map_entry)
            {
                self.message(&format!("{name}."), inner, &below(3, i), comments);
            }
        }
        self.messages.insert(name, message.clone());
    }

    /// What proto3 JSON makes of a field.
    fn field(&self, message: &DescriptorProto, field: &FieldDescriptorProto) -> Value {
        let entry = message.nested_type.iter().find(|inner| {
            let is_entry = inner
                .options
                .as_ref()
                .is_some_and(prost_types::MessageOptions::map_entry);
            is_entry && field.type_name().ends_with(&format!(".{}", inner.name()))
        });
        if let Some(entry) = entry {
            return json!({ "type": "object", "additionalProperties": single(&entry.field[1]) });
        }
        match field.label() {
            Label::Repeated => json!({ "type": "array", "items": single(field) }),
            Label::Optional | Label::Required => single(field),
        }
    }

    fn services(&mut self, file: &FileDescriptorProto) {
        let comments = Comments::of(file);
        for (service, i) in file.service.iter().zip(0..) {
            for (rpc, j) in service.method.iter().zip(0..) {
                let Some(route) = comments.at(&[6, i, 2, j]).and_then(Route::read) else {
                    continue;
                };
                let answer = match rpc.server_streaming() {
                    true => "text/event-stream",
                    false => "application/json",
                };
                let mut operation = json!({
                    "operationId": rpc.name(),
                    "tags": [service.name()],
                    "summary": route.summary,
                    "responses": {
                        "2XX": {
                            "description": "Done.",
                            "content": { answer: { "schema": reference(rpc.output_type()) } },
                        },
                        "default": { "$ref": "#/components/responses/Error" },
                    },
                });
                self.input(&route, rpc.input_type(), &mut operation);
                crate::bodies::amend(&mut operation);
                let method = route.method.to_ascii_lowercase();
                self.paths
                    .entry(route.path.to_owned())
                    .or_default()
                    .insert(method, operation);
            }
        }
    }

    /// What of the request stands in the path, what behind the question mark, and what in the body; beside a question mark,
    /// bytes are the body as they are.
    fn input(&self, route: &Route<'_>, kind: &str, operation: &mut Value) {
        let request = &self.messages[short(kind)];
        let (inside, rest): (Vec<_>, Vec<_>) =
            (request.field.iter()).partition(|field| route.path.contains(&format!("{{{}}}", field.name())));
        let parameter = |place: &str, field: &FieldDescriptorProto| {
            let schema = &self.schemas[short(kind)]["properties"][field.name()];
            json!({ "name": field.name(), "in": place, "required": place == "path", "schema": schema })
        };
        let mut parameters: Vec<Value> = inside.iter().map(|field| parameter("path", field)).collect();
        if route.in_query {
            let (bodies, rest): (Vec<_>, Vec<_>) = rest.iter().partition(|field| field.r#type() == Type::Bytes);
            parameters.extend(rest.into_iter().map(|field| parameter("query", field)));
            if !bodies.is_empty() {
                operation["requestBody"] = crate::bodies::as_it_is();
            }
        } else if !rest.is_empty() {
            let content = json!({ "application/json": { "schema": reference(kind) } });
            operation["requestBody"] = json!({ "required": true, "content": content });
        }
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
    }
}

struct Route<'a> {
    method: &'a str,
    path: &'a str,
    /// Whether what is not in the path stands behind the question mark: always without a body, else where it is shown.
    in_query: bool,
    summary: &'a str,
}

impl<'a> Route<'a> {
    fn read(comment: &'a str) -> Option<Self> {
        let (method, rest) = comment.split_once(' ')?;
        let end = rest.find([':', ' ']).unwrap_or(rest.len());
        let (path, query) = rest[..end].split_once('?').unwrap_or((&rest[..end], ""));
        let is_route = matches!(method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE") && rest.starts_with('/');
        is_route.then(|| Self {
            method,
            path,
            in_query: matches!(method, "GET" | "DELETE") || !query.is_empty(),
            summary: rest[end..].trim_start_matches(':').trim(),
        })
    }
}

fn words(word: &EnumDescriptorProto, path: &[i32], comments: &Comments<'_>) -> Value {
    let names: Vec<&str> = word
        .value
        .iter()
        .map(prost_types::EnumValueDescriptorProto::name)
        .collect();
    comments.describe(path, json!({ "type": "string", "enum": names }))
}

fn single(field: &FieldDescriptorProto) -> Value {
    match field.r#type() {
        Type::Bool => json!({ "type": "boolean" }),
        Type::Double | Type::Float => json!({ "type": "number" }),
        Type::Int32 | Type::Sint32 | Type::Sfixed32 => json!({ "type": "integer", "format": "int32" }),
        Type::Uint32 | Type::Fixed32 => json!({ "type": "integer", "format": "uint32", "minimum": 0 }),
        // Numbers that JavaScript could not hold travel as text.
        Type::Int64 | Type::Sint64 | Type::Sfixed64 => json!({ "type": "string", "format": "int64" }),
        Type::Uint64 | Type::Fixed64 => json!({ "type": "string", "format": "uint64" }),
        Type::String => json!({ "type": "string" }),
        Type::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
        Type::Enum | Type::Message | Type::Group => reference(field.type_name()),
    }
}

fn reference(kind: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", short(kind)) })
}

fn short(kind: &str) -> &str {
    kind.trim_start_matches(".velatura.v1.")
}
