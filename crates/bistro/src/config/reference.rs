//! The reference of all settings and the JSON Schema of the file, both made from the settings themselves.

use serde_json::Value;

use super::settings::Settings;

/// The JSON Schema of `bistro.toml`.
pub(crate) fn json_schema() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).expect("a schema is plain data");
    text.push('\n');
    text
}

/// Every setting as Markdown.
pub(crate) fn reference() -> String {
    let schema = schema();
    let defaults = serde_json::to_value(Settings::default()).expect("settings are plain data");
    let mut out = String::from(HEAD);
    for (section, shape) in schema["properties"].as_object().into_iter().flatten() {
        out.push_str(&format!("\n## `[{section}]`\n\n{}\n\n", describe(shape)));
        out.push_str("| key | default | meaning |\n|---|---|---|\n");
        let shape = resolve(&schema, shape);
        for (key, field) in shape["properties"].as_object().into_iter().flatten() {
            let default = shown(&defaults[section][key]);
            out.push_str(&format!("| `{section}.{key}` | {default} | {} |\n", describe(field)));
        }
        for (key, field) in shape["properties"].as_object().into_iter().flatten() {
            sections(&mut out, &schema, &format!("{section}.{key}"), field);
        }
    }
    out
}

/// The table of a section whose members are sections of free names.
fn sections(out: &mut String, schema: &Value, path: &str, field: &Value) {
    let shape = resolve(schema, &field["additionalProperties"]);
    let Some(keys) = shape["properties"].as_object() else { return };
    out.push_str(&format!("\n### `[{path}.NAME]`\n\n{}\n\n| key | meaning |\n|---|---|\n", describe(shape)));
    for (key, field) in keys {
        out.push_str(&format!("| `{key}` | {} |\n", describe(field)));
    }
}

const HEAD: &str = "# Configuration

<!-- Made by `bistro config reference`; a test holds this page to it. -->

Every setting is optional. They stand in `bistro.toml` beside `schema.graphql`, and an unknown key is an error. A variable
`BISTRO_` with the path in capitals and `__` for the dot beats the file (`BISTRO_AUTH__JWT_SECRET`; lists are separated by
commas); a flag beats both. Editors that know JSON Schema complete the file with `bistro.schema.json`.

```toml
[server]
listen = \"0.0.0.0:4000\"

[limits]
rows = 500
```
";

fn schema() -> Value {
    let mut schema = schemars::schema_for!(Settings).to_value();
    schema["title"] = Value::from("bistro.toml");
    schema
}

/// Whether a setting may be of a kind, in the words of JSON Schema.
pub(super) fn declares(path: &str, kind: &str) -> bool {
    let Some((section, key)) = path.split_once('.') else { return false };
    let schema = schema();
    let kinds = &resolve(&schema, &schema["properties"][section])["properties"][key]["type"];
    kinds == kind || kinds.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
}

/// The shape itself, where a reference leads to it.
fn resolve<'s>(schema: &'s Value, shape: &'s Value) -> &'s Value {
    let name = shape["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/"));
    name.map_or(shape, |name| &schema["$defs"][name])
}

fn describe(shape: &Value) -> String {
    shape["description"].as_str().unwrap_or_default().replace('\n', " ")
}

fn shown(default: &Value) -> String {
    match default {
        Value::Null => String::new(),
        Value::Array(items) if items.is_empty() => "`[]`".into(),
        other => format!("`{other}`"),
    }
}
