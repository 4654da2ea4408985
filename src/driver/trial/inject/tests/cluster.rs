//! A fake cluster.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{
    ApiKey, CreatePartitionsRequest, CreatePartitionsResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse, MetadataResponse,
};
use kafka_protocol::protocol::{Decodable, decode_request_header_from_buffer};

use crate::cluster::faked::{NODE, frame, listen, node, serve, spoken};
use crate::spec::Properties;

const SPOKEN: [(ApiKey, i16, i16); 4] = [
    (ApiKey::ApiVersions, 0, 3),
    (ApiKey::Metadata, 4, 8),
    (ApiKey::CreatePartitions, 0, 0),
    (ApiKey::IncrementalAlterConfigs, 0, 0),
];
/// How long it takes to do something: so long that a trial may end meanwhile.
const TAKES: Duration = Duration::from_millis(5);
/// That a setting is to have a value; else it is to have none.
const SET: i8 = 0;

/// No Kafka: one broker that names itself and has the settings of one topic.
#[derive(Clone)]
pub(super) struct FakeCluster {
    at: SocketAddr,
    settings: Arc<Mutex<Properties>>,
}

impl FakeCluster {
    /// One whose topic has these settings.
    pub(super) fn start(settings: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let settings: Properties =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let fake =
            FakeCluster { at: listener.local_addr().unwrap(), settings: Arc::new(Mutex::new(settings)) };
        let serving = fake.clone();
        // It ends when the client leaves.
        listen(listener, move |client| drop(serve(client, |request| serving.answer(request))));
        fake
    }

    pub(super) fn servers(&self) -> String {
        self.at.to_string()
    }

    /// What its topic is set to by now.
    pub(super) fn settings(&self) -> Properties {
        self.settings.lock().unwrap().clone()
    }

    fn answer(&self, mut request: Bytes) -> Option<Vec<u8>> {
        let header = decode_request_header_from_buffer(&mut request).ok()?;
        let framed = (header.correlation_id, header.request_api_version);
        match ApiKey::try_from(header.request_api_key).ok()? {
            ApiKey::ApiVersions => frame(framed, &spoken(&SPOKEN)),
            ApiKey::Metadata => {
                let answer = MetadataResponse::default().with_brokers(vec![node(self.at)]);
                frame(framed, &answer.with_controller_id(NODE.into()))
            }
            ApiKey::CreatePartitions => {
                let asked = CreatePartitionsRequest::decode(&mut request, framed.1).ok()?;
                std::thread::sleep(TAKES);
                let done = |name| CreatePartitionsTopicResult::default().with_name(name);
                let done = asked.topics.into_iter().map(|topic| done(topic.name)).collect();
                frame(framed, &CreatePartitionsResponse::default().with_results(done))
            }
            ApiKey::IncrementalAlterConfigs => {
                let asked = IncrementalAlterConfigsRequest::decode(&mut request, framed.1).ok()?;
                std::thread::sleep(TAKES);
                let mut settings = self.settings.lock().unwrap();
                let mut done = Vec::new();
                for of in asked.resources {
                    for one in of.configs {
                        let name = one.name.to_string();
                        match one.value.filter(|_| one.config_operation == SET) {
                            Some(value) => settings.insert(name, value.to_string()),
                            None => settings.remove(&name),
                        };
                    }
                    let of_it = AlterConfigsResourceResponse::default().with_resource_type(of.resource_type);
                    done.push(of_it.with_resource_name(of.resource_name));
                }
                frame(framed, &IncrementalAlterConfigsResponse::default().with_responses(done))
            }
            _ => None,
        }
    }
}
