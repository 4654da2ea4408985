//! What is changed of a cluster while it runs: partitions that are added to a topic; settings of a topic or a broker, one by one, so that nothing else of it
//! changes. And all settings as they apply.
//!
//! The safe wrapper knows only the older request, which sets all that is not named back to its default.
#![expect(unsafe_code, reason = "settings that are changed one by one have no safe wrapper")]

use std::ffi::CString;
use std::fmt;
use std::ptr::{null, null_mut};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use rdkafka::admin::{AdminOptions, NewPartitions, ResourceSpecifier};
use rdkafka::bindings as rd;
use rdkafka::types::{RDKafka, RDKafkaRespErr};

use super::clients::resolved;
use super::request::{owned, request};
use super::topics::{Refusal, refusal};
use super::{Admin, ClusterError};
use crate::spec::Properties;

/// Whose settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of<'a> {
    /// Those of a topic.
    Topic(&'a str),
    /// Those of one broker.
    Broker(i32),
}

impl fmt::Display for Of<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Of::Topic(name) => write!(f, "of topic `{name}`"),
            Of::Broker(id) => write!(f, "of broker {id}"),
        }
    }
}

/// What becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// They are set to the values beside them.
    Set,
    /// They are as if they had never been set.
    Unset,
    /// The broker says whether it would set them, and does nothing.
    Try,
}

/// How settings begin that a single listener has.
const OF_A_LISTENER: &str = "listener.name.";
/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(20);
/// How often it is asked who the controller is, while one is waited for.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How long its name is waited for: one that comes later is heard all the same, and nobody is kept by a broker that hangs.
const NAMED_WITHIN: Duration = Duration::from_millis(200);

impl Admin {
    /// Adds partitions to a topic, so that it has as many.
    pub fn grow_topic(&self, name: &str, partitions: u32) -> Result<(), ClusterError> {
        let what = || format!("topic `{name}` could not be given {partitions} partitions");
        let options = AdminOptions::new().operation_timeout(Some(WITHIN)).request_timeout(Some(WITHIN));
        let wanted = NewPartitions::new(name, partitions as usize);
        let answer = self
            .finding_controller(|| self.runtime.block_on(self.client.create_partitions([&wanted], &options)));
        let results = answer.map_err(|error| self.refused(what(), &error.to_string()))?;
        match results.into_iter().find_map(Result::err) {
            Some((_, code)) => Err(self.refused(what(), &code.to_string())),
            None => Ok(()),
        }
    }

    /// Changes settings of a topic.
    pub fn configure_topic(&self, name: &str, settings: &Properties) -> Result<(), ClusterError> {
        self.configured(Of::Topic(name), (Change::Set, settings))
    }

    /// Gives these settings of a topic back what it was made with, or the cluster's own.
    pub fn configure_topic_as_made(
        &self,
        name: &str,
        changed: &Properties,
        made: &Properties,
    ) -> Result<(), ClusterError> {
        let of = |was_made: bool| {
            let own = changed.keys().filter(|name| made.contains_key(*name) == was_made);
            own.map(|name| (name.clone(), made.get(name).cloned().unwrap_or_default()))
                .collect::<Properties>()
        };
        let set = self.configured(Of::Topic(name), (Change::Set, &of(true)));
        set.and(self.configured(Of::Topic(name), (Change::Unset, &of(false))))
    }

    /// Changes settings of a broker.
    pub fn configure_broker(&self, id: i32, settings: &Properties) -> Result<(), ClusterError> {
        self.configured(Of::Broker(id), (Change::Set, settings))
    }

    /// Why a broker would not take these settings while it runs, in its own words; none where it would. Nothing is changed. Anything else that is in the way
    /// is an error: nobody answers, or bench may not ask.
    pub fn try_broker(&self, id: i32, settings: &Properties) -> Result<Option<String>, ClusterError> {
        // It takes any name: a setting of its own that is misspelt would be one of a plugin.
        let known = self.applied(Of::Broker(id))?;
        let is_unknown = |name: &&String| !known.contains_key(*name) && !name.starts_with(OF_A_LISTENER);
        let unknown: Vec<String> =
            settings.keys().filter(is_unknown).map(|name| format!("`{name}`")).collect();
        if !unknown.is_empty() {
            let reason = format!("brokers have no such setting: {}", unknown.join(", "));
            return Ok(Some(self.refused(changing(Of::Broker(id), settings), &reason).to_string()));
        }
        let Err(refusal) = self.change(Of::Broker(id), (Change::Try, settings))? else { return Ok(None) };
        let told = self.refused(changing(Of::Broker(id), settings), &refusal.words);
        if refusal.is_of_the_settings() { Ok(Some(told.to_string())) } else { Err(told) }
    }

    /// The topic's settings as the cluster applies them.
    pub fn topic_config(&self, name: &str) -> Result<Properties, ClusterError> {
        self.applied(Of::Topic(name))
    }

    /// All settings as the cluster applies them; what it does not tell of one is empty.
    fn applied(&self, of: Of<'_>) -> Result<Properties, ClusterError> {
        let asked = match of {
            Of::Topic(name) => ResourceSpecifier::Topic(name),
            Of::Broker(id) => ResourceSpecifier::Broker(id),
        };
        let options = AdminOptions::new().request_timeout(Some(WITHIN));
        let failed = |reason: String| self.refused(format!("the settings {of} could not be read"), &reason);
        let answer = self.runtime.block_on(self.client.describe_configs([&asked], &options));
        let resources = answer.map_err(|error| failed(error.to_string()))?;
        let resource = resources.into_iter().next().ok_or_else(|| failed("no answer".to_owned()))?;
        let entries = resource.map_err(|code| failed(code.to_string()))?.entries;
        Ok(entries.into_iter().map(|entry| (entry.name, entry.value.unwrap_or_default())).collect())
    }

    /// Gives these settings of a broker back what it was started with.
    pub fn configure_broker_as_started(&self, id: i32, changed: &Properties) -> Result<(), ClusterError> {
        self.configured(Of::Broker(id), (Change::Unset, changed))
    }

    fn configured(&self, of: Of<'_>, (kind, settings): (Change, &Properties)) -> Result<(), ClusterError> {
        let answer = self.change(of, (kind, settings))?;
        answer.map_err(|refusal| self.refused(changing(of, settings), &refusal.words))
    }

    /// Asks for a change, where there is any, and gives the answer; an error is that it could not be asked for.
    fn change(
        &self,
        of: Of<'_>,
        (kind, settings): (Change, &Properties),
    ) -> Result<Result<(), Refusal>, ClusterError> {
        if settings.is_empty() {
            return Ok(Ok(()));
        }
        let settings = resolved(settings)?;
        let client = self.client.inner();
        Ok(self.finding_controller(|| change(client.native_ptr(), of, (kind, &settings))))
    }

    /// Asks for something, and meanwhile who the controller is: a client sends what is of no single broker to the one that it remembers, and waits for that where it is
    /// dead. Of a cluster without ZooKeeper any that lives is named, and passes it on. What is answered within a second is answered as soon as without.
    fn finding_controller<T>(&self, ask: impl FnOnce() -> T) -> T {
        let client = self.client.inner();
        let (end, ended) = channel::<()>();
        std::thread::scope(|scope| {
            let find = move || {
                while ended.recv_timeout(ASK_EVERY) == Err(RecvTimeoutError::Timeout) {
                    client.fetch_metadata(None, NAMED_WITHIN).ok();
                }
            };
            // Without a thread the one that is remembered is waited for.
            std::thread::Builder::new().name("controller".to_owned()).spawn_scoped(scope, find).ok();
            let answer = ask();
            drop(end);
            answer
        })
    }
}

/// What is not done where these settings are not changed.
fn changing(of: Of<'_>, settings: &Properties) -> String {
    let names: Vec<String> = settings.keys().map(|name| format!("`{name}`")).collect();
    format!("settings {of} could not be changed ({})", names.join(", "))
}

/// Changes settings, by an admin client's handle, and waits for the answer. The handle must live until this returns.
fn change(
    client: *mut RDKafka,
    of: Of<'_>,
    (change, settings): (Change, &Properties),
) -> Result<(), Refusal> {
    let text = |text: &str| CString::new(text).map_err(|_| Refusal::of_bench("a setting holds a zero byte"));
    let (kind, name) = match of {
        Of::Topic(name) => (rd::rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC, text(name)?),
        Of::Broker(id) => (rd::rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_BROKER, text(&id.to_string())?),
    };
    let settings = settings.iter().map(|(name, value)| Ok((text(name)?, text(value)?)));
    let settings: Vec<(CString, CString)> = settings.collect::<Result<_, Refusal>>()?;
    // SAFETY: each object is made, used and destroyed here, once; texts outlive the calls, which copy them.
    unsafe {
        let mut resource = rd::rd_kafka_ConfigResource_new(kind, name.as_ptr());
        for (name, value) in &settings {
            let (op, value) = match change {
                Change::Set | Change::Try => {
                    (rd::rd_kafka_AlterConfigOpType_t::RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.as_ptr())
                }
                Change::Unset => {
                    (rd::rd_kafka_AlterConfigOpType_t::RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE, null())
                }
            };
            let refused =
                rd::rd_kafka_ConfigResource_add_incremental_config(resource, name.as_ptr(), op, value);
            if !refused.is_null() {
                let words = owned(rd::rd_kafka_error_string(refused));
                rd::rd_kafka_error_destroy(refused);
                rd::rd_kafka_ConfigResource_destroy(resource);
                return Err(Refusal::of_bench(&words));
            }
        }
        let answer = request(
            client,
            rd::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS,
            WITHIN,
            |options, queue| {
                let tried = i32::from(change == Change::Try);
                rd::rd_kafka_AdminOptions_set_validate_only(options, tried, null_mut(), 0);
                rd::rd_kafka_IncrementalAlterConfigs(client, &raw mut resource, 1, options, queue);
            },
            |event| read(event),
        );
        rd::rd_kafka_ConfigResource_destroy(resource);
        answer
    }
}

/// SAFETY: the event is null, or the answer to IncrementalAlterConfigs and alive.
unsafe fn read(event: *mut rd::rd_kafka_event_t) -> Result<(), Refusal> {
    if event.is_null() {
        return Err(Refusal::unanswered("no broker answered"));
    }
    // SAFETY: as above; all that is read belongs to the event, and its texts are copied.
    unsafe {
        let whole = rd::rd_kafka_event_error(event);
        if whole != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Err(refusal(whole, rd::rd_kafka_event_error_string(event)));
        }
        let result = rd::rd_kafka_event_IncrementalAlterConfigs_result(event);
        if result.is_null() {
            return Err(Refusal::unanswered("the answer was about something else"));
        }
        let mut count = 0;
        let resources = rd::rd_kafka_IncrementalAlterConfigs_result_resources(result, &raw mut count);
        for at in 0..count {
            let resource = *resources.add(at);
            let code = rd::rd_kafka_ConfigResource_error(resource);
            if code != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
                return Err(refusal(code, rd::rd_kafka_ConfigResource_error_string(resource)));
            }
        }
    }
    Ok(())
}
