use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use super::*;
use crate::pack::Graph;

/// A device that reports the size of every batch, waits for leave to go on, and fails as it is told to.
struct Fake {
    batches: Sender<usize>,
    leave: Option<Receiver<()>>,
    fail: fn(usize) -> Option<RunError>,
    ended: Arc<Mutex<bool>>,
}

impl Run for Fake {
    fn run(&mut self, _graph: Graph, items: &[&[Value]]) -> Result<Vec<Vec<Value>>, RunError> {
        let _ = self.batches.send(items.len());
        if let Some(leave) = &self.leave {
            leave.recv().expect("the test gives leave");
        }
        match (self.fail)(items.len()) {
            Some(error) => Err(error),
            None => Ok(items.iter().map(|item| item.to_vec()).collect()),
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        *self.ended.lock().expect("not poisoned") = true;
    }
}

struct Stage {
    handle: DeviceHandle,
    batches: Receiver<usize>,
    leave: Sender<()>,
    ended: Arc<Mutex<bool>>,
}

fn stage(batch_pixels: u64, gated: bool, fail: fn(usize) -> Option<RunError>) -> Stage {
    let ((batches, seen), (leave, given)) = (channel(), channel());
    let ended = Arc::new(Mutex::new(false));
    let fake = Fake {
        batches,
        leave: gated.then_some(given),
        fail,
        ended: Arc::clone(&ended),
    };
    let (handle, ()) = DeviceHandle::start(16, move || Ok((fake, batch_pixels, ()))).expect("it starts");
    Stage {
        handle,
        batches: seen,
        leave,
        ended,
    }
}

fn send(stage: &Stage, value: f32) -> Pending {
    stage
        .handle
        .call(Graph::Style, vec![Value::vector(&[value])], 10)
        .expect("it is open")
}

fn number(answer: &Answer) -> f32 {
    match &answer.values[0] {
        Value::Floats(floats) => floats.data[0],
        Value::Picture(_) => panic!("numbers went in"),
    }
}

#[test]
fn what_comes_while_the_device_is_busy_goes_together_and_each_caller_gets_its_own() {
    let stage = stage(1000, true, |_| None);
    let first = send(&stage, 0.0);
    assert_eq!(stage.batches.recv(), Ok(1));
    let others: Vec<_> = (1..5).map(|i| send(&stage, i as f32)).collect();
    stage.leave.send(()).expect("it waits");
    assert_eq!(stage.batches.recv(), Ok(4));
    stage.leave.send(()).expect("it waits");
    assert_eq!(number(&first.wait().expect("answered")), 0.0);
    for (i, pending) in (1..5).zip(others) {
        let answer = pending.wait().expect("answered");
        assert_eq!((number(&answer), answer.batch), (i as f32, 4));
    }
}

#[test]
fn a_batch_that_runs_out_of_memory_is_halved_until_it_fits_and_later_ones_stay_small() {
    let stage = stage(1000, true, |batch| {
        (batch > 2).then(|| RunError::OutOfMemory("full".into()))
    });
    let first = send(&stage, 0.0);
    assert_eq!(stage.batches.recv(), Ok(1));
    let others: Vec<_> = (1..=4).map(|i| send(&stage, i as f32)).collect();
    for expected in [4, 2, 2] {
        stage.leave.send(()).expect("it waits");
        assert_eq!(stage.batches.recv(), Ok(expected));
    }
    let late: Vec<_> = (5..8).map(|i| send(&stage, i as f32)).collect();
    stage.leave.send(()).expect("it waits");
    assert_eq!(stage.batches.recv(), Ok(2), "the budget was halved");
    (0..2).for_each(|_| stage.leave.send(()).expect("it waits"));
    assert_eq!(stage.batches.recv(), Ok(1));
    for (i, pending) in [first].into_iter().chain(others).chain(late).enumerate() {
        assert_eq!(number(&pending.wait().expect("answered")), i as f32);
    }
}

#[test]
fn a_single_item_that_does_not_fit_is_the_callers_to_cut_up() {
    let stage = stage(0, false, |_| Some(RunError::OutOfMemory("full".into())));
    assert_eq!(
        send(&stage, 1.0).wait().map(|_| ()),
        Err(CallError::OutOfMemory("full".into()))
    );
    assert_eq!(
        send(&stage, 1.0).wait().map(|_| ()),
        Err(CallError::OutOfMemory("full".into())),
        "it goes on"
    );
}

#[test]
fn an_item_that_fails_does_not_take_its_neighbours_with_it() {
    let stage = stage(1000, true, |batch| {
        (batch > 1).then(|| RunError::Failed("one of them".into()))
    });
    let first = send(&stage, 0.0);
    assert_eq!(stage.batches.recv(), Ok(1));
    let others: Vec<_> = (1..4).map(|i| send(&stage, i as f32)).collect();
    (0..6).for_each(|_| stage.leave.send(()).expect("it waits"));
    for (i, pending) in [first].into_iter().chain(others).enumerate() {
        assert_eq!(number(&pending.wait().expect("answered")), i as f32);
    }
}

#[test]
fn a_lost_device_ends_the_thread_and_every_call_says_why() {
    let stage = stage(0, true, |_| Some(RunError::Lost("illegal access".into())));
    let (first, second) = (send(&stage, 1.0), send(&stage, 2.0));
    stage.leave.send(()).expect("it waits");
    let lost = || Err(CallError::Lost("illegal access".into()));
    assert_eq!(first.wait().map(|_| ()), lost());
    assert_eq!(second.wait().map(|_| ()), lost());
    // Whether or not the channel still takes it, the answer is the same.
    let late = stage.handle.call(Graph::Style, Vec::new(), 0).and_then(Pending::wait);
    assert_eq!(late.map(|_| ()), lost());
}

#[test]
fn closing_finishes_what_was_sent_ends_the_thread_and_refuses_the_rest() {
    let stage = stage(0, false, |_| None);
    let pending = send(&stage, 3.0);
    stage.handle.close();
    assert!(*stage.ended.lock().expect("not poisoned"), "the sessions are gone");
    assert_eq!(number(&pending.wait().expect("answered")), 3.0);
    assert_eq!(
        stage.handle.call(Graph::Style, Vec::new(), 0).map(|_| ()),
        Err(CallError::Closed)
    );
}

#[test]
fn dropping_the_handle_ends_the_thread() {
    let stage = stage(0, false, |_| None);
    let ended = Arc::clone(&stage.ended);
    drop(stage);
    assert!(*ended.lock().expect("not poisoned"));
}

#[test]
fn an_error_at_the_start_is_the_starts_own() {
    let result = DeviceHandle::start::<Fake, ()>(1, || Err(crate::EngineError::Closed));
    assert_eq!(result.map(|_| ()), Err(crate::EngineError::Closed));
}
