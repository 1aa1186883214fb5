//! Does a run that is stopped, killed or doubled leave the store right?

use std::{thread::sleep, time::Duration};

use auditor_testbed::fake_aws::{Fault, Rule};

use crate::common::{Report, World, on_both_stores};

on_both_stores! {
    an_interrupt_keeps_what_is_complete
    killed_anywhere_and_run_again_it_ends_the_same
    two_runs_at_once_end_as_one
}

fn an_interrupt_keeps_what_is_complete(world: &World) {
    let slow = world.ids()[4].clone();
    world.aws.fault(Rule::new("iam:GetAccountAuthorizationDetails", Fault::Hang).account(&slow));
    let running = world.auditor.spawn(&["run", "--format", "json"]);
    world.aws.wait_for_call(&slow, "iam:GetAccountAuthorizationDetails");
    // The other four need a moment to be stored.
    let stored = "SELECT count(*) AS n FROM task";
    for _ in 0..400 {
        if tasks(world, stored) == 4 {
            break;
        }
        sleep(Duration::from_millis(25));
    }
    running.signal("INT");
    let report = Report::of(running.wait(), 3);
    assert_eq!(report.json["stopped"], true, "{}", report.output);
    for id in &world.ids()[..4] {
        report.expect_complete(id);
    }
    assert!(report.gaps(&slow).contains("stopped"), "{}", report.output);

    world.aws.no_faults();
    let again = world.run(0);
    again.expect_complete(&slow);
    assert_eq!(again.total("unchanged") + again.total("new"), again.total("seen"), "{}", again.output);
    world.auditor.run(&["verify"]).expect_code(0);
}

/// Rows of a query that may come before the store is there.
fn tasks(world: &World, sql: &str) -> i64 {
    if world.tables().is_there() { world.tables().number(sql) } else { 0 }
}

fn killed_anywhere_and_run_again_it_ends_the_same(world: &World) {
    // The estate of the second day, with nothing in its way.
    let undisturbed = World::sqlite();
    undisturbed.run(0);
    undisturbed.aws.estate().next_day(0.3);
    undisturbed.run(0);

    world.run(0);
    world.aws.estate().next_day(0.3);
    world.aws.fault(Rule::new("iam:GetAccountAuthorizationDetails", Fault::DelayMs(20)));
    for milliseconds in [5, 40, 80, 120, 160, 200, 260, 330, 400, 500, 620, 750] {
        let running = world.auditor.spawn(&["run"]);
        sleep(Duration::from_millis(milliseconds));
        running.signal("KILL");
        running.wait();
        // Whatever was cut off: what the store holds is whole.
        world.auditor.run(&["verify"]).expect_code(0);
    }
    world.aws.no_faults();
    world.run(0);
    assert_eq!(comparable(world), comparable(&undisturbed));
    world.auditor.run(&["verify"]).expect_code(0);
}

/// The state of a store, with documents parsed, since the two stores write JSON differently.
fn comparable(world: &World) -> Vec<String> {
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).map(|value| value.to_string());
    let lines = world.tables().state().into_iter().map(|mut line| {
        if let Some(document) = line.get_mut("document")
            && let Some(text) = document.as_str()
        {
            *document = parse(text).unwrap().into();
        }
        serde_json::to_string(&line).unwrap()
    });
    lines.collect()
}

fn two_runs_at_once_end_as_one(world: &World) {
    let undisturbed = World::sqlite();
    undisturbed.run(0);
    let both = [world.auditor.spawn(&["run"]), world.auditor.spawn(&["run"])];
    for running in both {
        running.wait().expect_code(0);
    }
    assert_eq!(comparable(world), comparable(&undisturbed));
    world.auditor.run(&["verify"]).expect_code(0);
}
