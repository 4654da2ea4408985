//! What the instance types of a plan ask of this host, and what they cost.

use crate::fault::Fault;
use crate::plan::Treatment;
use crate::plan::doubt::PlanDoubt;
use crate::spec::{Consumers, Deed, Document, How, Machine, Settings};
use crate::units::{CreditMode, Money, Price, Prices, whence};

/// Cores that are left to broker and load.
const LEFT: f64 = 1.0;
/// Where the catalogue's prices hold.
const REGION: &str = "us-east-1";

/// Cores of this host that the emulated instances of a treatment want together, at most; none where none is emulated.
pub fn wanted_cores(settings: &Settings) -> Option<f64> {
    let of = |(count, machine): (u32, &Machine)| vcpus(count, machine) * settings.emulation.vcpu.get();
    at_once(settings).into_iter().map(of).reduce(|all, one| all + one)
}

fn vcpus(count: u32, machine: &Machine) -> f64 {
    f64::from(count) * f64::from(machine.instance.vcpus)
}

/// Whether this host of so many cores has what each treatment wants; the sum stands in the fault.
pub fn too_much(document: &Document, treatments: &[Treatment], cores: usize) -> Vec<Fault> {
    let has = cores as f64 - LEFT;
    let fault = |treatment: &Treatment| {
        let settings = &treatment.settings;
        let wanted = wanted_cores(settings).filter(|wanted| *wanted > has + 1e-9)?;
        let share = settings.emulation.vcpu;
        let parts = at_once(settings).into_iter().map(|(count, machine)| {
            format!("{count} × {} × {} vCPUs × {share}", machine.instance.name, machine.instance.vcpus)
        });
        let parts: Vec<String> = parts.collect();
        let what = format!(
            "`{}` wants {} = {wanted:.2} cores for its emulated instances; bench may use {cores} here, of which one is left to broker and load",
            treatment.slug,
            parts.join(" + ")
        );
        let fits = (has * share.get() / wanted * 100.0).floor();
        let hint = if fits >= 1.0 {
            format!("write `emulation: {{ vcpu: {fits}% }}`, or ask for fewer instances")
        } else {
            "use a host of more cores".to_owned()
        };
        Some(document.key_fault(&["emulation", "consumers"], what, Some(hint)))
    };
    treatments.iter().filter_map(fault).collect()
}

/// All that instances are ever made of: at first, and after an upgrade.
fn machines(settings: &Settings) -> impl Iterator<Item = &Machine> {
    let upgraded = settings.events.iter().filter_map(|event| match &event.deed {
        Deed::Upgrade(upgrade) => Some(&upgrade.machine),
        _ => None,
    });
    settings.consumers.iter().filter_map(|group| group.machine.as_ref()).chain(upgraded)
}

/// How many instances of what a group has at once; of nothing where none is emulated.
type Stage<'a> = Vec<(u32, Option<&'a Machine>)>;

/// What each group has one after the other, its events taken in the order of the file.
pub fn stages(settings: &Settings) -> impl Iterator<Item = (&Consumers, Vec<Stage<'_>>)> {
    settings.consumers.iter().enumerate().map(|(number, group)| {
        let (mut count, mut machine) = (group.instances, group.machine.as_ref());
        let mut all = vec![vec![(count, machine)]];
        for event in settings.events.iter().filter(|event| event.group == number) {
            let mut now = Vec::new();
            match &event.deed {
                Deed::Scale(instances, _) => count = *instances,
                Deed::Add(more, _) => count = count.saturating_add(*more),
                Deed::Remove(fewer) => count = count.saturating_sub(*fewer),
                Deed::Upgrade(upgrade) => {
                    if upgrade.how != How::Replace {
                        now.push((count, machine));
                    }
                    machine = Some(&upgrade.machine);
                }
                _ => continue,
            }
            now.push((count, machine));
            all.push(now);
        }
        (group, all)
    })
}

/// How many emulated instances of what each group has at once when these have most vCPUs together.
fn at_once(settings: &Settings) -> Vec<(u32, &Machine)> {
    let sum = |stage: &[(u32, Option<&Machine>)]| {
        stage.iter().filter_map(|(count, machine)| Some(vcpus(*count, (*machine)?))).sum::<f64>()
    };
    let emulated = stages(settings).filter(|(group, _)| group.machine.is_some());
    let most = emulated.filter_map(|(_, stages)| {
        stages.into_iter().reduce(|most, now| if sum(&now) > sum(&most) { now } else { most })
    });
    most.flatten().filter_map(|(count, machine)| Some((count, machine?))).collect()
}

/// What becomes of credits in each instance type that the treatments use: `t3.micro: standard from full`, `m5.large: fixed performance, none`.
pub fn credits(treatments: &[Treatment]) -> Vec<String> {
    let of = |machine: &Machine| {
        let Machine { instance, credits } = machine;
        if instance.credits.is_none() {
            return format!("{}: fixed performance, none", instance.name);
        }
        let scale =
            if credits.time_scale > 1 { format!(", time × {}", credits.time_scale) } else { String::new() };
        format!("{}: {} from {}{scale}", instance.name, credits.mode.name(), credits.start)
    };
    let mut told: Vec<String> = Vec::new();
    for sentence in treatments.iter().flat_map(|treatment| machines(&treatment.settings)).map(of) {
        if !told.contains(&sentence) {
            told.push(sentence);
        }
    }
    told
}

/// A doubt where instance types hold the reference consumer in some treatments and programs in others: its rates are those of the full size and theirs of a
/// machine so much smaller, so that the same load is not the same to both.
pub fn two_scales(treatments: &[Treatment]) -> Option<PlanDoubt> {
    let held = |treatment: &&Treatment, tells: bool| {
        treatment.settings.consumers.iter().any(|group| group.machine.is_some() && group.tells() == tells)
    };
    let program = treatments.iter().find(|treatment| held(treatment, false))?;
    let own = treatments.iter().filter(|treatment| held(treatment, true));
    let own: Vec<String> = own.map(|treatment| treatment.slug.clone()).collect();
    let what = format!(
        "on an instance type the reference consumer has full-size rates, and a program (as in `{}`) those of a machine of {}: the same load is less to the one, and costs it more a message",
        program.slug, program.settings.emulation.vcpu
    );
    let hint = "run the reference as a program too: `command: { run: 'exec \"$BENCH_PROGRAM\" consumer --cpu 200us' }`";
    (!own.is_empty()).then(|| PlanDoubt {
        id: "two_scales",
        what,
        hint: Some(hint.to_owned()),
        treatments: own,
    })
}

/// The prices of all types that the treatments use: the written ones over the catalogue's, as far as these are of the same region. Where the file
/// speaks of prices, a missing one is a fault; so is surplus that is asked for at no known price of a type whose rent is known: it would have no cost.
pub fn prices(
    document: &Document,
    treatments: &[Treatment],
    (written, priced): (&Prices, bool),
    faults: &mut Vec<Fault>,
) -> Prices {
    let region = if written.region.is_empty() { REGION } else { &written.region };
    let mut known = Prices { region: region.to_owned(), ..Prices::default() };
    let used: Vec<&Machine> = treatments.iter().flat_map(|treatment| machines(&treatment.settings)).collect();
    for machine in &used {
        let of = &machine.instance;
        let here = of.region.is_empty() || of.region == region;
        let price = |usd: Money, surplus: bool| {
            let (date, source) = whence(&of.date, &of.source, surplus);
            Price { usd, date: date.to_owned(), source: source.to_owned(), region: of.region.clone() }
        };
        if let Some(usd) = of.price_per_hour.filter(|_| here) {
            known.instances.insert(of.name.clone(), price(usd, false));
        }
        if let Some(usd) = of.surplus_per_vcpu_hour.filter(|_| here) {
            known.surplus.insert(of.name.clone(), price(usd, true));
        }
    }
    let all = known.with(written);
    for machine in used {
        let name = &machine.instance.name;
        let mut missing = |key: &str, unit: &str| {
            let what = format!("no price of {key} of `{name}` is known in {region}");
            let hint = Some(format!("write `prices: {{ {key}: {{ {name}: $0.05{unit} }} }}`"));
            let fault = document.key_fault(&["prices", "consumers"], what, hint);
            // Once for a type, however many treatments use it.
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        };
        let rented = all.instances.contains_key(name);
        if priced && !rented {
            missing("instances", "/h");
        }
        let lent = machine.instance.credits.is_some() && machine.credits.mode == CreditMode::Unlimited;
        if (priced || rented) && lent && !all.surplus.contains_key(name) {
            missing("surplus", "/vCPU-h");
        }
    }
    all
}
