//! Fake consumers.

use std::cell::{Ref, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use crate::cluster::Stood;
use crate::consumers::{
    Act, Backend, BackendError, Config, DeployedInstance, Event, Exit, Gathered, Launch, Said,
};

/// No consumers: instances that do as they are told, and note it.
#[derive(Clone, Default)]
pub(super) struct FakeConsumers(Rc<RefCell<Told>>);

/// What became of them.
#[derive(Default)]
pub(super) struct Told {
    all: Vec<One>,
    said: VecDeque<Said>,
    /// Those that stood still when all were asked to end, once that has come.
    pub(super) stood: Option<Vec<u32>>,
    /// Those that were started after that.
    pub(super) late: Vec<u32>,
}

struct One {
    deployed: DeployedInstance,
    stands: bool,
    leaves: bool,
}

impl Told {
    fn ends(&mut self, instance: usize) {
        self.all[instance].deployed.stopped_ns = Some(1);
        self.said.push_back(Said { instance: instance as u32, at_ns: 1, event: Event::Ended });
    }

    fn those(&self, are: impl Fn(&One) -> bool) -> Vec<u32> {
        let living = self.all.iter().filter(|one| one.deployed.stopped_ns.is_none());
        living.filter(|one| are(one)).map(|one| one.deployed.index).collect()
    }
}

impl FakeConsumers {
    pub(super) fn told(&self) -> Ref<'_, Told> {
        self.0.borrow()
    }

    /// Those that were asked to leave have done so, unless they stand still.
    pub(super) fn leave(&self) {
        let mut told = self.0.borrow_mut();
        for instance in told.those(|one| one.leaves && !one.stands) {
            told.ends(instance as usize);
        }
    }
}

impl Backend for FakeConsumers {
    fn observe(&self) -> Vec<Stood> {
        Vec::new()
    }

    fn apply(&mut self, _: &Config) -> Result<(), BackendError> {
        Ok(())
    }

    fn ready(&self, _: &Gathered) -> bool {
        true
    }

    fn restore(&mut self, _: Duration) -> Vec<Exit> {
        let mut told = self.0.borrow_mut();
        told.stood = Some(told.those(|one| one.stands));
        for instance in told.those(|_| true) {
            told.ends(instance as usize);
        }
        Vec::new()
    }

    fn next(&mut self, _: Duration) -> Option<Said> {
        self.0.borrow_mut().said.pop_front()
    }

    fn instances(&self) -> Vec<DeployedInstance> {
        self.0.borrow().all.iter().map(|one| one.deployed).collect()
    }

    fn act(&mut self, instance: u32, act: Act) -> bool {
        let mut told = self.0.borrow_mut();
        let at = instance as usize;
        if told.all.get(at).is_none_or(|one| one.deployed.stopped_ns.is_some()) {
            return false;
        }
        match act {
            Act::Kill => told.ends(at),
            Act::Stop => told.all[at].leaves = true,
            Act::Pause => told.all[at].stands = true,
            Act::Resume => told.all[at].stands = false,
        }
        true
    }

    fn launch(&mut self, _: &Launch) -> Result<u32, BackendError> {
        let mut told = self.0.borrow_mut();
        let index = told.all.len() as u32;
        let (launched_ns, started_ns, stopped_ns) = (1, 1, None);
        // No such process: the kernel gives no numbers as high.
        let deployed =
            DeployedInstance { index, pid: Some((1 << 30) + index), launched_ns, started_ns, stopped_ns };
        told.all.push(One { deployed, stands: false, leaves: false });
        if told.stood.is_some() {
            told.late.push(index);
        }
        Ok(index)
    }

    fn replace(&mut self, _: u32) -> Result<(), BackendError> {
        self.launch(&Launch::default()).map(|_| ())
    }

    fn exhaust(&mut self, _: u32) -> bool {
        true
    }
}
