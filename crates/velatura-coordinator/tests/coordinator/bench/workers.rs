use std::sync::{Arc, Mutex};

use tokio::task::JoinHandle;
use velatura_proto::v1::task_report::Outcome;
use velatura_proto::{MESSAGE_VERSION, from_json, to_json, v1};
use velatura_queue::{Broker, Lane, Message, QueueName};

use super::tasks_queue;

/// A worker that paints nothing: the test says what it reports. Gone when dropped.
pub(crate) struct Worker(JoinHandle<()>);

impl Worker {
    /// Takes one task after the other; what `act` returns is reported, then the task is acked.
    pub(crate) async fn start<F>(broker: &Arc<dyn Broker>, mut act: impl FnMut(v1::Task) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Vec<v1::TaskReport>> + Send,
    {
        let lane = QueueName::tasks("default", Lane::Interactive).unwrap();
        let mut urgent = broker.consume(&lane, 1).await.unwrap();
        let mut bulk = broker.consume(&tasks_queue(), 1).await.unwrap();
        let broker = Arc::clone(broker);
        Self(tokio::spawn(async move {
            loop {
                let next = tokio::select! {
                    biased;
                    next = urgent.next() => next,
                    next = bulk.next() => next,
                };
                let Some(delivery) = next else { return };
                let reports = act(from_json(delivery.body()).unwrap()).await;
                report(&broker, &reports).await;
                delivery.ack().await.unwrap();
            }
        }))
    }

    /// Does what it is asked to.
    pub(crate) async fn obedient(broker: &Arc<dyn Broker>) -> Self {
        Self::start(broker, |task| async move { vec![done(&task)] }).await
    }

    /// Does what it is asked to, and notes something of each task in the order in which they came.
    pub(crate) async fn noting(
        broker: &Arc<dyn Broker>,
        what: fn(&v1::Task) -> &str,
    ) -> (Self, Arc<Mutex<Vec<String>>>) {
        let notes: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&notes);
        let worker = Self::start(broker, move |task| {
            noted.lock().unwrap().push(what(&task).to_owned());
            async move { vec![done(&task)] }
        });
        (worker.await, notes)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Reports until the broker has taken it, as a worker does.
async fn report(broker: &Arc<dyn Broker>, reports: &[v1::TaskReport]) {
    for report in reports {
        let message = || Message {
            body: to_json(report).into(),
            id: format!("{}/{}", report.seq, report.attempt),
        };
        while broker
            .publish(&QueueName::Results, vec![message()])
            .await
            .iter()
            .any(Result::is_err)
        {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

pub(crate) fn done(task: &v1::Task) -> v1::TaskReport {
    outcome(task, Outcome::Done, "")
}

pub(crate) fn outcome(task: &v1::Task, outcome: Outcome, code: &str) -> v1::TaskReport {
    v1::TaskReport {
        version: MESSAGE_VERSION,
        job_id: task.job_id.clone(),
        seq: task.seq,
        attempt: task.attempt,
        outcome: outcome.into(),
        code: code.to_owned(),
        message: if code.is_empty() {
            String::new()
        } else {
            format!("{code} happened")
        },
        worker: "test".to_owned(),
        ..Default::default()
    }
}
