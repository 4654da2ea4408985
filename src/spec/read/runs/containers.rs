//! What is said of containers, and of services of compose files.

use std::fs;
use std::path::Path;

use super::super::super::{Compose, Container, Source};
use super::super::Section;
use super::super::tree::{Node, Value, parse};
use super::{GRACE, ready, restarts, stop, variables};
use crate::fault::Fault;

/// What a folder's file is called that says how an image is built.
const DOCKERFILE: &str = "Dockerfile";

pub(super) fn container(section: Section<'_>, entry: &Node, faults: &mut Vec<Fault>) -> Container {
    variables(section, faults);
    let args = section.get("args").map(Node::items).unwrap_or_default();
    Container {
        source: source(section, entry, faults),
        args: args.iter().filter_map(|arg| arg.text()).map(str::to_owned).collect(),
        env: section.config("env"),
        stop: stop(section),
        grace: section.read("grace").unwrap_or(GRACE),
        restart: restarts(section),
        ready: ready(section, faults),
    }
}

fn source(section: Section<'_>, entry: &Node, faults: &mut Vec<Fault>) -> Source {
    let text = |key: &str| section.get(key).and_then(Node::text).map(str::to_owned);
    let dockerfile = text("dockerfile").unwrap_or_else(|| DOCKERFILE.to_owned());
    match (text("image"), text("build")) {
        (Some(_), Some(_)) => {
            let hint = Some("leave one of them out".to_owned());
            faults.push(entry.origin.fault("`backend.container` has both `image` and `build`", hint));
        }
        (None, None) if matches!(entry.value, Value::Map(_)) => {
            let hint = Some("write `image: \"orders:1.2\"`, or `build: FOLDER`".to_owned());
            faults.push(entry.origin.lack("`backend.container` has neither `image` nor `build`", hint));
        }
        (Some(image), None) => {
            if let Some(node) = section.get("image").filter(|_| !is_reference(&image)) {
                let hint = Some("write it as `docker pull` takes it: `registry/name:tag`".to_owned());
                faults.push(node.origin.fault(format!("`{image}` is no name of an image"), hint));
            }
            if let Some(node) = section.get("dockerfile") {
                let hint = Some("leave it out, or write `build` instead of `image`".to_owned());
                faults.push(node.origin.fault("`dockerfile` is for an image that is built", hint));
            }
            return Source::Image(image);
        }
        (None, Some(folder)) => {
            let path = Path::new(&folder).join(&dockerfile);
            if let Some(node) = section.get("build").filter(|_| !path.is_file()) {
                let hint = Some("name a folder, from where bench is started".to_owned());
                let what = format!("there is no `{}`", path.display());
                faults.push(node.origin.fault(what, hint));
            }
            return Source::Build { folder, dockerfile };
        }
        (None, None) => {}
    }
    Source::Image(String::new())
}

/// What an engine would take for an option, or for several words, is no name.
fn is_reference(name: &str) -> bool {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "._-/:@".contains(sign);
    name.starts_with(|sign: char| sign.is_ascii_alphanumeric()) && name.chars().all(plain)
}

pub(super) fn compose(section: Section<'_>, entry: &Node, faults: &mut Vec<Fault>) -> Compose {
    variables(section, faults);
    let text = |key: &str| section.get(key).and_then(Node::text).map(str::to_owned);
    if matches!(entry.value, Value::Map(_)) {
        for (key, example) in [("file", "compose.yaml"), ("service", "orders")] {
            if section.get(key).is_none() {
                let hint = Some(format!("write `{key}: {example}`"));
                faults.push(entry.origin.lack(format!("`backend.compose` has no `{key}`"), hint));
            }
        }
    }
    let (file, service) = (text("file").unwrap_or_default(), text("service").unwrap_or_default());
    let has_network = network(section, (&file, &service), faults).unwrap_or_default();
    let grace = section.read("grace").unwrap_or(GRACE);
    let ready = ready(section, faults);
    Compose { file, service, has_network, env: section.config("env"), grace, ready }
}

/// Whether the file says which network the service is in; none where there is no such service, which is told.
fn network(section: Section<'_>, (file, service): (&str, &str), faults: &mut Vec<Fault>) -> Option<bool> {
    let (at_file, at_service) = (section.get("file")?, section.get("service")?);
    let owners = fs::read_to_string(file).map_err(|error| error.to_string());
    let owners = owners.and_then(|text| parse(&text, None).map_err(|fault| fault.what));
    let owners = match owners {
        Ok(owners) => owners,
        Err(reason) => {
            let hint = Some("name a compose file, from where bench is started".to_owned());
            faults.push(at_file.origin.fault(format!("`{file}` cannot be read: {reason}"), hint));
            return None;
        }
    };
    let services = owners.get("services").map(|entry| &entry.node);
    let Some(found) = services.and_then(|services| services.get(service)) else {
        let named = services.map(Node::entries).unwrap_or_default();
        let named: Vec<&str> = named.iter().map(|entry| entry.key.as_str()).collect();
        let hint = Some(format!("the file has: {}", named.join(", "))).filter(|_| !named.is_empty());
        faults.push(at_service.origin.fault(format!("`{file}` has no service `{service}`"), hint));
        return None;
    };
    Some(["network_mode", "networks"].iter().any(|key| found.node.get(key).is_some()))
}
