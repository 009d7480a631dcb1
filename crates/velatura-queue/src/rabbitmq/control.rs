//! What is called out to everybody: a fanout exchange, and a queue of its own for each listener, which is gone with it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, Error, ExchangeKind};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};

use super::failure;
use super::link::Link;
use crate::backoff::Backoff;
use crate::{Heard, QueueError};

const EXCHANGE: &str = "velatura.control.v1";

/// Calls a message out; whoever listens gets it once or not at all.
pub(super) async fn call_out(link: &Link, body: Bytes, limit: Duration) -> Result<(), QueueError> {
    let deadline = Instant::now() + limit;
    let connection = link.connection(deadline).await?;
    let call = async {
        let channel = open(&connection).await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let properties = BasicProperties::default().with_content_type("application/json".into());
        let options = BasicPublishOptions::default();
        let confirmation = channel
            .basic_publish(EXCHANGE.into(), "".into(), options, &body, properties)
            .await?;
        // With it the message has left; nobody may be there to hear it.
        confirmation.await?;
        channel.close(200, "done".into()).await
    };
    match timeout_at(deadline, call).await {
        Ok(called) => called.map_err(|error| failure::lost(&error)),
        Err(_) => Err(QueueError::Timeout {
            what: "call a message out",
            after: limit,
        }),
    }
}

/// Listens for as long as somebody takes what is heard, over whatever happens to connections.
pub(super) async fn listen(link: Arc<Link>, limit: Duration, heard: mpsc::Sender<Heard>) {
    let mut backoff = Backoff::new();
    while !heard.is_closed() {
        if let Ok(connection) = link.connection(Instant::now() + limit).await {
            let since = Instant::now();
            let ended = tokio::select! {
                ended = listen_on(&connection, &heard, limit) => ended.map_err(|error| failure::lost(&error)),
                error = link.replaced(&connection) => Err(error),
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "can't hear what is called out, listening again");
            }
            if since.elapsed() >= limit {
                backoff.reset();
            }
        }
        sleep(backoff.next()).await;
    }
}

async fn listen_on(connection: &Connection, heard: &mpsc::Sender<Heard>, limit: Duration) -> Result<(), Error> {
    let subscribing = async {
        let channel = open(connection).await?;
        let options = QueueDeclareOptions {
            exclusive: true,
            auto_delete: true,
            ..QueueDeclareOptions::default()
        };
        let queue = channel.queue_declare("".into(), options, FieldTable::default()).await?;
        let (name, bind) = (queue.name().clone(), QueueBindOptions::default());
        channel
            .queue_bind(name.clone(), EXCHANGE.into(), "".into(), bind, FieldTable::default())
            .await?;
        let options = BasicConsumeOptions {
            no_ack: true,
            ..BasicConsumeOptions::default()
        };
        let incoming = channel
            .basic_consume(name, "".into(), options, FieldTable::default())
            .await?;
        Ok::<_, Error>((channel, incoming))
    };
    let Ok(subscribed) = timeout_at(Instant::now() + limit, subscribing).await else {
        return Ok(());
    };
    let (_channel, mut incoming) = subscribed?;
    if heard.send(Heard::Joined).await.is_err() {
        return Ok(());
    }
    while let Some(delivery) = incoming.next().await {
        if heard.send(Heard::Called(delivery?.data.into())).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

async fn open(connection: &Connection) -> Result<Channel, Error> {
    let channel = connection.create_channel().await?;
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    channel
        .exchange_declare(EXCHANGE.into(), ExchangeKind::Fanout, options, FieldTable::default())
        .await?;
    Ok(channel)
}
