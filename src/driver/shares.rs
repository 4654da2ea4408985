//! Who asks about share groups, and whether the brokers tell anything of them, where the file names one: that is asked before the first trial.

use std::time::Duration;

use super::DriverError;
use super::topics::RefusedTopic;
use crate::books::Topics;
use crate::cluster::Admin;
use crate::load::{LoadError, ShareAsker, ShareError, asker_of_shares};
use crate::plan::Plan;
use crate::spec::Properties;

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Asks about the first share group of the plan: brokers that know none make it a fault of the file. What else is in the way may pass until it is needed.
pub fn try_all(plan: &Plan, admin: &Admin) -> Result<(), DriverError> {
    let mut groups = plan.treatments.iter().flat_map(|treatment| &treatment.settings.consumers);
    let Some(group) = groups.find(|group| group.shares) else { return Ok(()) };
    match asker(admin, &group.group)?.describe(&Topics::default(), WITHIN) {
        Err(error @ ShareError::Unknown) => {
            let about = vec![("group_type".to_owned(), "share".to_owned())];
            Err(DriverError::Topics(vec![RefusedTopic { what: error.to_string(), about }]))
        }
        _ => Ok(()),
    }
}

/// Whoever asks about a share group of that name, with the connection of everything that is not load.
pub fn asker(admin: &Admin, group: &str) -> Result<ShareAsker, DriverError> {
    let settings = admin.settings();
    let (servers, properties) = (settings.resolved_servers()?, settings.resolved(&Properties::new())?);
    let asker = asker_of_shares((&servers, &properties), group);
    Ok(asker.map_err(|reason| LoadError::Client { reason: settings.redacted(&reason) })?)
}

/// Has a share group begin where its topics do: what is sent before one of its members fetches would be passed over, and counted as done.
pub fn begin_at_the_start(admin: &Admin, group: &str) -> Result<(), DriverError> {
    let failed = |error: ShareError| LoadError::Client {
        reason: format!(
            "the share group `{group}` could not be told to begin at the start of its topic: {error}"
        ),
    };
    Ok(asker(admin, group)?.begin_at_the_start(WITHIN).map_err(failed)?)
}

/// Takes that setting away.
pub fn forget_begin(admin: &Admin, group: &str) -> Result<(), DriverError> {
    let failed = |error: ShareError| LoadError::Client {
        reason: format!("where the share group `{group}` begins is still set: {error}"),
    };
    Ok(asker(admin, group)?.forget_begin(WITHIN).map_err(failed)?)
}
