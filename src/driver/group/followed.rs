//! What is needed to follow a group's commits, and where latencies that are seen of it from outside go.

use std::sync::{Arc, Mutex};

use super::Group;
use crate::books::{BySecond, Shelves as _};
use crate::driver::DriverError;
use crate::driver::lags::Following;
use crate::driver::subject::Subject;
use crate::driver::watch::{self, Followed};
use crate::driver::world::World;
use crate::load::AckLedger;
use crate::observe::Passing;
use crate::timeline::QUARTER_NS;
use crate::units::Latency;

impl Group<'_> {
    /// Where one of its latencies goes.
    pub(super) fn seconds(&self, latency: Latency) -> BySecond {
        let seconds = BySecond::growing();
        match &self.spool {
            Some(spool) => seconds.onto(spool.shelf(latency)),
            None => seconds,
        }
    }

    /// Whose commits are to be followed; by partition, nothing before `starts` is the trial's.
    pub fn followed(
        &self,
        world: &World,
        (subject, starts): (&Subject<'_>, &[i64]),
        ledger: Arc<Mutex<AckLedger>>,
        window: (u64, u64),
    ) -> Result<Followed, DriverError> {
        // A lag is read a little after the quarter that it is of.
        let lags = Following::create(&world.results, window.0..window.1 + QUARTER_NS)?;
        let outside = self.raw.outside.as_ref().map(|_| -> Result<watch::Outside, DriverError> {
            let latencies = self.seconds(Latency::Committed);
            let name = self.raw.full_name.clone();
            let passing = Passing::new(subject.grown.partitions(), latencies).beginning_at(starts);
            Ok(if self.asked.shares {
                let shares = Some([world.share_asker(&name)?, world.share_asker(&name)?]);
                watch::Outside { name, passing: passing.untimed(), told: None, shares }
            } else {
                let told = world.admin.commits_client(&name);
                let passing = passing.listening(told.is_some());
                watch::Outside { name, passing, told, shares: None }
            })
        });
        Ok(Followed {
            outside: outside.transpose()?,
            client: Arc::new(world.admin.group_client(&self.raw.full_name)?),
            topics: Arc::new(subject.grown.clone()),
            ledger,
            lags,
        })
    }
}
