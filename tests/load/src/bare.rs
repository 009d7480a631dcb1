//! The limits: the least that would have to be done, by the shortest program that does it.

mod table;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures_util::StreamExt as _;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
    QueueDeclareOptions, QueuePurgeOptions,
};
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};

pub(crate) use table::BareTable;

/// A queue of the kind that tasks and reports travel in.
const QUEUE: &str = "velatura.load.bare";
/// Publishes on their way at once.
const WINDOW: usize = 1000;
/// Reports that are recorded together, as the coordinator does it.
pub(crate) const BATCH: usize = 500;

/// A connection of its own, and a queue that nobody else uses.
pub(crate) struct Bare {
    channel: Channel,
    _connection: Connection,
}

impl Bare {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let options = QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString(LongString::from("quorum")));
        channel.queue_declare(QUEUE.into(), options, arguments).await?;
        Ok(Self {
            channel,
            _connection: connection,
        })
    }

    /// Publishes with confirms; gives messages a second.
    pub(crate) async fn publish(&self, bodies: &[Vec<u8>]) -> Result<f64> {
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let properties = BasicProperties::default().with_delivery_mode(2);
        let (began, mut open) = (Instant::now(), VecDeque::with_capacity(WINDOW));
        for body in bodies {
            let published = self
                .channel
                .basic_publish("".into(), QUEUE.into(), options, body, properties.clone());
            open.push_back(published.await?);
            if open.len() == WINDOW {
                let confirmed = open.pop_front().context("the window is full")?.await?;
                ensure!(confirmed.is_ack(), "the broker did not take a message");
            }
        }
        for confirm in open {
            ensure!(confirm.await?.is_ack(), "the broker did not take a message");
        }
        Ok(bodies.len() as f64 / began.elapsed().as_secs_f64())
    }

    /// Consumes all that is in the queue, lets `record` record it in batches, then acks; gives messages a second.
    pub(crate) async fn consume(
        &self,
        count: usize,
        mut record: impl AsyncFnMut(&[Vec<u8>]) -> Result<()>,
    ) -> Result<f64> {
        self.channel
            .basic_qos(2 * BATCH as u16, BasicQosOptions::default())
            .await?;
        let began = Instant::now();
        let consumer = self.channel.basic_consume(
            QUEUE.into(),
            "bare".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        );
        let (mut consumer, mut left) = (consumer.await?, count);
        while left > 0 {
            let (mut bodies, mut last) = (Vec::with_capacity(BATCH), 0);
            while bodies.len() < BATCH.min(left) {
                let delivery = tokio::time::timeout(Duration::from_secs(60), consumer.next()).await;
                let delivery = delivery?.context("the subscription ended")??;
                last = delivery.delivery_tag;
                bodies.push(delivery.data);
            }
            record(&bodies).await?;
            self.channel.basic_ack(last, BasicAckOptions { multiple: true }).await?;
            left -= bodies.len();
        }
        let rate = count as f64 / began.elapsed().as_secs_f64();
        self.channel.basic_cancel("bare".into(), Default::default()).await?;
        Ok(rate)
    }

    pub(crate) async fn empty(&self) -> Result<()> {
        self.channel
            .queue_purge(QUEUE.into(), QueuePurgeOptions::default())
            .await?;
        Ok(())
    }
}
