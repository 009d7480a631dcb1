use std::collections::BTreeSet;

use super::*;

const DIAGRAMS: &str = include_str!("../../../../docs/states.md");

/// The arrows of the n-th mermaid diagram, as `from --> to: reason`.
fn drawn(nth: usize) -> BTreeSet<String> {
    let diagram = DIAGRAMS
        .split("```mermaid")
        .nth(nth + 1)
        .expect("docs/states.md has two diagrams");
    let diagram = diagram.split("```").next().unwrap_or_default();
    diagram
        .lines()
        .map(str::trim)
        .filter(|line| line.contains("-->"))
        .map(str::to_owned)
        .collect()
}

/// The arrows of a state machine, its beginning and its ends included.
fn coded<S: State>(beginning: &str) -> BTreeSet<String> {
    let edges = S::EDGES
        .iter()
        .map(|edge| format!("{} --> {}: {}", edge.from.name(), edge.to.name(), edge.reason));
    let ends = S::ALL
        .iter()
        .filter(|state| state.has_ended())
        .map(|state| format!("{} --> [*]", state.name()));
    let first = format!("[*] --> {}: {beginning}", S::FIRST.name());
    edges.chain(ends).chain([first]).collect()
}

#[test]
fn the_job_diagram_is_the_code() {
    assert_eq!(drawn(0), coded::<JobState>("submitted"));
}

#[test]
fn the_task_diagram_is_the_code() {
    assert_eq!(drawn(1), coded::<TaskState>("its page is recorded"));
}

#[test]
fn where_things_rest_until_somebody_takes_them_up() {
    let ended: Vec<_> = JobState::ALL.iter().filter(|state| state.is_ended()).collect();
    assert_eq!(ended, [&JobState::Done, &JobState::Cancelled, &JobState::Failed]);
    let ended: Vec<_> = TaskState::ALL.iter().filter(|state| state.is_ended()).collect();
    assert_eq!(
        ended,
        [
            &TaskState::Done,
            &TaskState::Skipped,
            &TaskState::Failed,
            &TaskState::Cancelled
        ]
    );
}

#[test]
fn every_state_is_found_by_its_name() {
    for state in JobState::ALL {
        assert_eq!(JobState::named(state.as_str()), Some(*state));
    }
    for state in TaskState::ALL {
        assert_eq!(TaskState::named(state.as_str()), Some(*state));
    }
    assert_eq!(TaskState::named("unheard of"), None);
}
