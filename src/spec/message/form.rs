//! The keys under `workload.message`.

use crate::spec::key::{Form, Key, key};

const SIZE: &[Key] = &[
    key(
        "normal",
        Form::All(&[key("mean", Form::Bytes, "Mean."), key("sd", Form::Bytes, "Standard deviation.")]),
        "Normally distributed, cut at the envelope's size.",
    ),
    key(
        "log_normal",
        Form::All(&[
            key("median", Form::Bytes, "Median."),
            key("sigma", Form::Number(0.0, 5.0), "Standard deviation of the logarithm."),
        ]),
        "Log-normally distributed, cut at the envelope's size and at 16MiB.",
    ),
    key(
        "table",
        Form::List(&Form::All(&[
            key("size", Form::Bytes, "Bytes of the payload."),
            key("share", Form::Share, "How many of the messages have it."),
        ])),
        "Sizes and how often each is drawn; shares add up to 100%.",
    ),
];

const COUNT: Key = key("count", Form::Count(1), "Number of keys.");

const KEYS: &[Key] = &[
    key("round_robin", Form::All(&[COUNT]), "One after the other, each producer from the first on."),
    key("uniform", Form::All(&[COUNT]), "Each as likely as any other."),
    key(
        "zipf",
        Form::All(&[
            COUNT,
            key("exponent", Form::Number(0.0, 10.0), "The k-th is as likely as 1 / k^exponent."),
        ]),
        "Few are frequent, many are rare.",
    ),
    key(
        "hot",
        Form::All(&[
            key("share", Form::Share, "How many messages have the first key."),
            key("count", Form::Count(2), "Number of keys; those beside the first share what is left evenly."),
        ]),
        "One key is hot.",
    ),
    key(
        "field",
        Form::Text,
        "A part of the message: of lines in JSON a pointer (`/customer/id`), of a template the name of a field.",
    ),
];

/// What a message may be.
pub(in crate::spec) const MESSAGE: &[Key] = &[
    key(
        "size",
        Form::Any(&[Form::Bytes, Form::OneOf(SIZE)]),
        "Bytes of the payload, envelope included, fixed or drawn for each message; default 1KiB.",
    ),
    key("compressibility", Form::Share, "Share of the payload that a compressor can take away, default 0%."),
    key(
        "keys",
        Form::Any(&[Form::Words(&["none"]), Form::OneOf(KEYS)]),
        "Keys of the messages, default none. A key that is drawn is its rank, from 1 on, as decimal digits.",
    ),
    key("from", Form::Keys(FROM), "Messages of one's own, out of a file."),
    key(
        "template",
        Form::Text,
        "A text of one's own, in which `{{name}}` stands for a field: `sequence`, `uuid`, `time`, `time_ms`, or one of `fields`.",
    ),
    key("fields", Form::Named(FIELD), "Fields of the template, drawn anew for each message."),
    key("headers", Form::Named(HEADER), "Headers of each message, in this order."),
    key(
        "envelope",
        Form::Words(&["payload", "header", "none"]),
        "Where bench notes what a message is: in the first 36 bytes of the payload (default), in a header `bench` (default of messages of one's own), or nowhere.",
    ),
];

const FROM: &[Key] = &[
    key("file", Form::Text, "Its path, relative to this file; a run keeps a copy; required."),
    key(
        "format",
        Form::Words(&["lines", "length_prefixed"]),
        "A message a line (default), or each after its length in four bytes, the highest first.",
    ),
    key(
        "order",
        Form::Words(&["in_order", "random"]),
        "Each producer from the first on and over again (default), or each message drawn.",
    ),
];

const WHOLE: Form = Form::Number(-9e15, 9e15);

const FIELD: &[Key] = &[
    key("name", Form::Text, "What stands for it in the template: `{{name}}`."),
    key(
        "int",
        Form::All(&[key("from", WHOLE, "The least."), key("to", WHOLE, "The greatest.")]),
        "A whole number, each as likely as any other.",
    ),
    key("choice", Form::List(&Form::Text), "One of these texts, each as likely as any other."),
];

const HEADER: &[Key] = &[
    key("name", Form::Text, "Its name."),
    key("value", Form::Text, "Its value, the same in every message."),
    key("field", Form::Text, "The part of the message that is its value, as under `keys`."),
];
