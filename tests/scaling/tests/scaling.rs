//! Claims about how the fleet follows a burst.

use std::path::Path;

use velatura_scaling::{Figures, Metric, Moment, Scenario, draw, run, shown};

/// Seconds in which nobody is asked for although something waits, from the first worker on.
fn abandoned(moments: &[Moment]) -> usize {
    let begun = moments.iter().skip_while(|moment| moment.wanted == 0);
    begun.filter(|moment| moment.wanted == 0 && moment.left > 0).count()
}

#[test]
fn by_queue_length_a_million_tasks_bring_200_workers_and_take_them_away_again() {
    let moments = run(&Scenario::default());
    let figures = Figures::of(&moments);
    assert_eq!((figures.workers, abandoned(&moments)), (200, 0));
    let end = moments.last().unwrap();
    assert_eq!((end.wanted, end.ready, end.left), (0, 0, 0));
    // 200 workers of 5 tasks a second would take 1,000 s; starting and growing cost less than half of that again.
    assert!(figures.done_after < 1_450, "{figures:?}");
    // Cooldown and stabilization count from the same moment.
    assert!(figures.gone_after - figures.done_after < 400, "{figures:?}");
}

#[test]
fn while_anything_waits_the_window_is_full_and_looks_like_work_for_every_worker() {
    let scenario = Scenario::default();
    let most = u64::from(scenario.max_workers) * 20;
    for moment in run(&scenario)
        .iter()
        .filter(|moment| moment.left >= scenario.window_tasks)
    {
        assert!(moment.dispatched >= most, "{moment:?}");
    }
}

#[test]
fn a_window_too_small_hides_the_backlog() {
    let hidden = run(&Scenario {
        window_tasks: 500,
        ..Scenario::default()
    });
    assert_eq!(
        Figures::of(&hidden).workers,
        25,
        "500 / 20, whatever waits behind the window"
    );
    let fit = run(&Scenario::default());
    assert!(Figures::of(&hidden).done_after > 5 * Figures::of(&fit).done_after);
}

#[test]
fn the_exporters_figure_sees_through_any_window_that_keeps_workers_busy() {
    let scenario = Scenario {
        metric: Metric::WorkersWanted,
        window_tasks: 2_500,
        ..Scenario::default()
    };
    let moments = run(&scenario);
    assert_eq!((Figures::of(&moments).workers, abandoned(&moments)), (200, 0));
    let end = moments.last().unwrap();
    assert_eq!((end.wanted, end.ready, end.left), (0, 0, 0));
}

#[test]
fn counting_only_what_no_worker_holds_takes_workers_away_under_their_work() {
    let small = |unacked| Scenario {
        tasks: 100_000,
        window_tasks: 100,
        metric: Metric::QueueLength { target: 4, unacked },
        ..Scenario::default()
    };
    // Falls of the replicas while a hundred times the window waits.
    let falls = |moments: &[Moment]| {
        let pairs = moments.windows(2);
        pairs
            .filter(|pair| pair[1].wanted < pair[0].wanted && pair[1].left > 10_000)
            .count()
    };
    assert!(falls(&run(&small(false))) > 0);
    assert_eq!(falls(&run(&small(true))), 0);
}

#[test]
fn counting_only_what_no_worker_holds_can_end_at_zero_with_work_left() {
    // One worker holds the whole window: the queue looks empty for as long as it works.
    let held = |unacked| Scenario {
        tasks: 10_000,
        window_tasks: 6,
        metric: Metric::QueueLength { target: 6, unacked },
        ..Scenario::default()
    };
    assert!(abandoned(&run(&held(false))) > 0);
    assert_eq!(abandoned(&run(&held(true))), 0);
}

#[test]
fn without_keda_the_autoscaler_follows_the_same_figure_down_to_its_minimum() {
    let scenario = Scenario {
        metric: Metric::WorkersWanted,
        without_keda: Some(2),
        ..Scenario::default()
    };
    let moments = run(&scenario);
    // It doubles from 2 to 192; the rest lies within its tolerance.
    assert_eq!(Figures::of(&moments).workers, 192);
    assert!(moments.iter().all(|moment| moment.wanted >= 2));
    assert_eq!(moments.last().unwrap().ready, 2);
}

#[test]
fn the_plots_and_figures_in_the_documentation_are_of_this_code() {
    let drawn = std::env::temp_dir().join(format!("velatura-scaling-{}", std::process::id()));
    draw(&drawn).unwrap();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let text = std::fs::read_to_string(docs.join("operations/scaling.md")).unwrap();
    for scenario in shown() {
        let read = |folder: &Path| std::fs::read_to_string(folder.join(scenario.file)).unwrap_or_default();
        let same = read(&drawn) == read(&docs.join("img"));
        assert!(
            same,
            "docs/img/{} is of other code: run cargo xtask simulate",
            scenario.file
        );
        let done = Figures::of(&run(&scenario)).done_after;
        let said = format!("{},{:03} s", done / 1000, done % 1000);
        assert!(
            text.contains(&said),
            "docs/operations/scaling.md does not say {said} of {}",
            scenario.file
        );
    }
    std::fs::remove_dir_all(&drawn).unwrap();
}
