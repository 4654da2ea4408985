//! `bench schema`: the format of an experiment file as a JSON schema, for editors.
#![expect(clippy::print_stdout, reason = "verbs are where bench prints")]

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use crate::spec::{EXPERIMENT, Form, Key};
use crate::units::Per;

/// Prints the schema.
pub fn run() -> ExitCode {
    println!("{}", text());
    ExitCode::SUCCESS
}

/// The schema as it is committed beside the experiments.
pub fn text() -> String {
    let mut schema = keys(EXPERIMENT);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("bench experiment");
    schema["required"] = json!(["question"]);
    schema["$defs"] = definitions();
    format!("{schema:#}")
}

fn keys(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .filter(|key| !matches!(key.form, Form::Later))
        .map(|key| {
            let mut value = form(key.form);
            value["description"] = json!(key.says);
            (key.name.to_owned(), value)
        })
        .collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn form(of: Form) -> Value {
    let quantity = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    match of {
        Form::Text => json!({ "type": ["string", "number", "boolean"] }),
        Form::Count(least) => json!({ "type": "integer", "minimum": least }),
        Form::CountOrDefault(least) => {
            json!({ "anyOf": [{ "type": "integer", "minimum": least }, { "const": -1 }] })
        }
        Form::Bytes => quantity("bytes"),
        Form::Span => quantity("time"),
        Form::Volume => json!({ "anyOf": [{ "$ref": "#/$defs/rate" }, { "const": "max" }] }),
        Form::Rate | Form::RateOrZero => quantity("rate"),
        Form::Number(least, most) => json!({ "type": "number", "minimum": least, "maximum": most }),
        Form::Share => quantity("share"),
        Form::Bandwidth => quantity("bandwidth"),
        Form::Amount => quantity("amount"),
        Form::Milli => json!({ "type": "number", "minimum": 0 }),
        Form::Switch => json!({ "type": "boolean" }),
        Form::Credits => {
            json!({ "type": "string", "pattern": r"^(cold|full|exhausted|[0-9.]+\s*credits?)$" })
        }
        Form::Price(per) => price(per),
        Form::Prices(per) => json!({ "type": "object", "additionalProperties": price(per) }),
        Form::Words(words) => json!({ "enum": words }),
        Form::Keys(inside) => keys(inside),
        Form::OneOf(inside) => {
            let mut value = keys(inside);
            value["minProperties"] = json!(1);
            value["maxProperties"] = json!(1);
            value
        }
        Form::All(inside) => {
            let mut value = keys(inside);
            value["required"] = inside.iter().map(|key| key.name).collect();
            value
        }
        Form::List(item) => json!({ "type": "array", "minItems": 1, "items": form(*item) }),
        Form::Items(item) => json!({ "type": "array", "items": form(*item) }),
        Form::Any(forms) => json!({ "anyOf": forms.iter().map(|one| form(*one)).collect::<Vec<_>>() }),
        Form::Properties => quantity("properties"),
        Form::Named(inside) => {
            let mut item = keys(inside);
            item["required"] = json!(["name"]);
            json!({ "type": "array", "minItems": 1, "items": item })
        }
        Form::Cores => json!({
            "type": "array", "minItems": 1, "uniqueItems": true, "items": { "type": "integer", "minimum": 0 },
        }),
        Form::Groups(inside) => {
            let mut item = keys(inside);
            item["required"] = json!(["group"]);
            json!({ "anyOf": [keys(inside), { "type": "array", "minItems": 1, "items": item }] })
        }
        Form::OneOrList(one, of_list) => {
            json!({ "anyOf": [keys(one), { "type": "array", "minItems": 1, "items": keys(of_list) }] })
        }
        Form::Slos => json!({ "type": "array", "items": { "type": "string", "pattern": "[<>]" } }),
        Form::Responses => {
            json!({ "type": "array", "minItems": 1, "uniqueItems": true, "items": { "type": "string" } })
        }
        Form::Factors => quantity("factors"),
        Form::Paths => json!({ "type": "object" }),
        Form::Later => json!(false),
    }
}

fn price(per: Per) -> Value {
    let unit = per.unit();
    json!({ "type": "string", "pattern": format!(r"^\s*(\$\s*[0-9.]+|[0-9.]+\s*USD)\s*{unit}\s*$"), "examples": [format!("$0.0104{unit}")] })
}

fn definitions() -> Value {
    let text =
        |pattern: &str, example: &str| json!({ "type": "string", "pattern": pattern, "examples": [example] });
    json!({
        "bytes": text(r"^\s*[0-9.]+\s*([kKmMgGtTpP][iI]?)?B\s*$", "1KiB"),
        "time": text(r"^\s*[0-9.]+\s*[a-zµ]+.*$", "250ms"),
        "rate": text(r"^\s*[0-9.]+\s*[kM]?\s*/s\s*$", "20k/s"),
        "bandwidth": text(r"^\s*[0-9.]+\s*[kMG]?bps\s*$", "5Gbps"),
        "share": text(r"^\s*[0-9.]+\s*%\s*$", "50%"),
        "amount": {
            "anyOf": [
                { "$ref": "#/$defs/time" },
                {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["exponential"],
                    "properties": { "exponential": {
                        "type": "object",
                        "additionalProperties": false,
                        "required": ["mean"],
                        "properties": { "mean": { "$ref": "#/$defs/time" } },
                    } },
                },
                {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["log_normal"],
                    "properties": { "log_normal": {
                        "type": "object",
                        "additionalProperties": false,
                        "required": ["median", "sigma"],
                        "properties": {
                            "median": { "$ref": "#/$defs/time" },
                            "sigma": { "type": "number", "minimum": 0, "maximum": 5 },
                        },
                    } },
                },
            ],
        },
        "properties": { "type": "object", "additionalProperties": { "type": ["string", "number", "boolean"] } },
        "factors": {
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    { "type": "array", "minItems": 1 },
                    { "type": "object", "minProperties": 1, "additionalProperties": { "type": "object" } },
                ],
            },
        },
    })
}
