use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use velatura_ledger::{Delivered, LedgerError};

use super::round;
use crate::context::{Context, millis, now};

/// Deliveries under way at once, in this process.
const AT_ONCE: usize = 16;
/// Beyond the time that a delivery may take, before it is taken for lost and tried by whoever comes next.
const SLACK: Duration = Duration::from_secs(60);

/// Delivers news. Every coordinator does, each what nobody else has taken.
pub(super) async fn run(context: Arc<Context>) {
    let mut failures = 0;
    loop {
        let go_on = match round(&context, "webhooks", turn(&context)).await {
            Ok(AT_ONCE) => !context.stop.is_cancelled(),
            Ok(_) => {
                failures = 0;
                context.pause(context.config.tick()).await
            }
            Err(error) => {
                failures += 1;
                tracing::debug!(%error, "no news can be delivered now");
                context.back_off(failures).await
            }
        };
        if !go_on {
            return;
        }
    }
}

/// Delivers what is due; how much that was.
async fn turn(context: &Context) -> Result<usize, LedgerError> {
    let now = now();
    let until = now + millis(context.config.webhooks.timeout() + SLACK);
    let taken = context.ledger.take_news(AT_ONCE, now, until).await?;
    let (count, sender) = (taken.len(), &context.sender);
    let mut ended = stream::iter(taken)
        .map(|delivery| async move {
            let ending = sender.deliver(&delivery).await;
            (delivery, ending)
        })
        .buffer_unordered(AT_ONCE);
    let mut result = Ok(count);
    while let Some((delivery, ending)) = ended.next().await {
        let outcome = match &ending {
            Delivered::Taken => "taken",
            Delivered::Again { .. } => "again",
            Delivered::GivenUp { .. } => "given_up",
            Delivered::Disabled { .. } => "disabled",
        };
        context.metrics.webhooks_total.with_label_values(&[outcome]).inc();
        if let Delivered::Again { error, .. } | Delivered::GivenUp { error } = &ending {
            let (webhook, job, attempt) = (&delivery.webhook, &delivery.news.job, delivery.attempt);
            tracing::warn!(%webhook, %job, attempt, outcome, %error, "a webhook was not delivered");
        }
        if let Err(error) = context.ledger.settle_news(&delivery, &ending).await {
            result = Err(error);
        }
    }
    result
}
