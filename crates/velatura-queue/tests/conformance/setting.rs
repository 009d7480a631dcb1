//! The brokers that claims are tested against, and the few words that claims are written in.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use velatura_queue::{
    Broker, Consumer, ConsumerState, Delivery, InProcess, Lane, Message, QueueConfig, QueueError, QueueName,
};
use velatura_testkit::rabbitmq::{RabbitMq, Version};

/// Long enough for a busy machine; nothing waits so long when all is well.
const SOON: Duration = Duration::from_secs(180);
/// Long enough for something wrong to show.
const A_MOMENT: Duration = Duration::from_millis(300);

/// A broker with one declared queue of tasks, shared with no other claim.
pub(crate) struct Setting {
    pub(crate) broker: Arc<dyn Broker>,
    /// The same broker, with counts that do not lag.
    pub(crate) exact: Arc<dyn Broker>,
    pub(crate) tasks: QueueName,
    server: Option<(Arc<RabbitMq>, String)>,
}

impl Setting {
    pub(crate) fn in_process() -> Self {
        let broker = Arc::new(InProcess::new());
        Self {
            broker: broker.clone(),
            exact: broker,
            tasks: tasks("default"),
            server: None,
        }
    }

    pub(crate) fn rabbitmq(version: Version) -> Self {
        let server = RabbitMq::shared(version).unwrap();
        let vhost = server.vhost().unwrap();
        let url = format!("{}/{vhost}", server.url());
        let broker = connect(&config(&url, Some(&server.management_url())));
        let exact = connect(&config(&url, None));
        Self {
            broker,
            exact,
            tasks: tasks("default"),
            server: Some((server, vhost)),
        }
    }

    pub(crate) fn server(&self) -> &RabbitMq {
        &self.server.as_ref().expect("only for claims about RabbitMQ").0
    }

    pub(crate) fn vhost(&self) -> &str {
        &self.server.as_ref().expect("only for claims about RabbitMQ").1
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/{}", self.server().url(), self.vhost())
    }

    /// Declares the queue and puts messages into it, named by their number.
    pub(crate) async fn filled(&self, count: usize) {
        self.broker.declare(&self.tasks).await.unwrap();
        self.publish(0..count).await;
    }

    pub(crate) async fn publish(&self, numbers: std::ops::Range<usize>) {
        let count = numbers.len();
        let outcomes = self.broker.publish(&self.tasks, messages(numbers)).await;
        assert_eq!(outcomes.len(), count);
        outcomes.into_iter().collect::<Result<(), QueueError>>().unwrap();
    }

    pub(crate) async fn consume(&self, prefetch: u16) -> Consumer {
        self.broker.consume(&self.tasks, prefetch).await.unwrap()
    }

    /// Waits until so many messages wait in the queue of tasks.
    pub(crate) async fn until_ready(&self, count: u64) {
        let mut ready = None;
        eventually(async || {
            ready = self.exact.depth(&self.tasks).await.ok().map(|depth| depth.ready);
            ready == Some(count)
        })
        .await
        .unwrap_or_else(|()| panic!("{ready:?} messages are ready instead of {count}"));
    }
}

/// A server of one claim alone, that it may stop and start.
pub(crate) struct Outage {
    pub(crate) server: RabbitMq,
    pub(crate) tasks: QueueName,
    _alone: MutexGuard<'static, ()>,
}

/// Servers that start and stop all at once make a small machine time out.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

impl Outage {
    pub(crate) fn new(version: Version) -> Self {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            server: RabbitMq::start(version).unwrap(),
            tasks: tasks("default"),
            _alone: alone,
        }
    }

    pub(crate) fn broker(&self) -> Arc<dyn Broker> {
        connect(&config(&self.server.url(), None))
    }

    /// A client that knows the management API.
    pub(crate) fn with_management(&self) -> Arc<dyn Broker> {
        connect(&config(&self.server.url(), Some(&self.server.management_url())))
    }

    /// A client that gives up after three seconds.
    pub(crate) fn impatient(&self) -> Arc<dyn Broker> {
        let mut config = config(&self.server.url(), None);
        config.publish_timeout_seconds = 3;
        connect(&config)
    }
}

pub(crate) fn config(url: &str, management_url: Option<&str>) -> QueueConfig {
    QueueConfig {
        urls: vec![url.parse().unwrap()],
        management_url: management_url.map(|url| url.parse().unwrap()),
        publish_timeout_seconds: 30,
        connect_timeout_seconds: 20,
        connection_name: "conformance".to_owned(),
        ..QueueConfig::default()
    }
}

fn connect(config: &QueueConfig) -> Arc<dyn Broker> {
    velatura_queue::connect(config).unwrap()
}

pub(crate) fn tasks(pool: &str) -> QueueName {
    QueueName::tasks(pool, Lane::Bulk).unwrap()
}

pub(crate) fn messages(numbers: std::ops::Range<usize>) -> Vec<Message> {
    numbers
        .map(|number| Message {
            id: number.to_string(),
            body: format!(r#"{{"task":{number}}}"#).into(),
        })
        .collect()
}

pub(crate) fn number(delivery: &Delivery) -> usize {
    delivery.id().parse().expect("messages are named by their number")
}

/// The next delivery, which must come.
pub(crate) async fn next(consumer: &mut Consumer) -> Delivery {
    timeout(SOON, consumer.next())
        .await
        .expect("a delivery should have come")
        .expect("the consumer was not cancelled")
}

/// So many deliveries, unsettled.
pub(crate) async fn take(consumer: &mut Consumer, count: usize) -> Vec<Delivery> {
    let mut taken = Vec::with_capacity(count);
    for _ in 0..count {
        taken.push(next(consumer).await);
    }
    taken
}

/// Takes and acks so many; their numbers in the order they came.
pub(crate) async fn take_and_ack(consumer: &mut Consumer, count: usize) -> Vec<usize> {
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..count {
        let delivery = next(consumer).await;
        numbers.push(number(&delivery));
        delivery.ack().await.unwrap();
    }
    numbers
}

pub(crate) async fn nothing_comes(consumer: &mut Consumer) {
    if let Ok(Some(delivery)) = timeout(A_MOMENT, consumer.next()).await {
        panic!("{delivery:?} should not have come");
    }
}

pub(crate) async fn until_subscribed(consumer: &Consumer) {
    let mut state = consumer.state();
    let subscribed = state.wait_for(|state| *state == ConsumerState::Subscribed);
    timeout(SOON, subscribed)
        .await
        .expect("it should have subscribed")
        .unwrap();
}

/// Waits until it has subscribed; what comes back tells of every change from then on, however short.
pub(crate) async fn once_subscribed(consumer: &Consumer) -> watch::Receiver<ConsumerState> {
    until_subscribed(consumer).await;
    let mut state = consumer.state();
    state.mark_unchanged();
    state
}

/// Waits until a subscription has been lost, the one change that it can see; by then there may be another.
pub(crate) async fn until_interrupted(state: &mut watch::Receiver<ConsumerState>) {
    timeout(SOON, state.changed())
        .await
        .expect("it should have noticed")
        .unwrap();
}

/// Asks until the answer is yes; a server gives no signal.
pub(crate) async fn eventually(mut holds: impl AsyncFnMut() -> bool) -> Result<(), ()> {
    let asking = async {
        while !holds().await {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(SOON, asking).await.map_err(|_| ())
}

pub(crate) fn set(numbers: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    numbers.into_iter().collect()
}
