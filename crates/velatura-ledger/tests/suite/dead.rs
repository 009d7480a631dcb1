use velatura_ledger::{DeadKind, LedgerError, NewDeadLetter};

use super::*;

fn letter(message_id: &str) -> NewDeadLetter {
    NewDeadLetter {
        kind: DeadKind::Unreadable,
        reason: "no JSON".to_owned(),
        message_id: message_id.to_owned(),
        about: None,
        body: "{\0".to_owned(),
        bytes: 2,
        now: NOW,
    }
}

pub async fn dead_letters_are_kept_newest_first_by_cursor(ledger: &Opened) {
    for id in ["one", "two", "three"] {
        ledger.bury(&letter(id)).await.unwrap();
    }
    let ids = |page: &[velatura_ledger::DeadLetter]| {
        page.iter()
            .map(|dead| dead.letter.message_id.clone())
            .collect::<Vec<_>>()
    };
    let page = ledger.dead_letters(None, 2).await.unwrap();
    assert_eq!(ids(&page), ["three", "two"]);
    assert_eq!(ids(&ledger.dead_letters(Some(page[1].id), 2).await.unwrap()), ["one"]);
    assert_eq!(page[0].letter.body, "{\u{fffd}");
    ledger.unbury(page[0].id).await.unwrap();
    let gone = ledger.dead_letter(page[0].id).await.unwrap_err();
    assert_eq!(gone, LedgerError::NoDeadLetter(page[0].id));
}

pub async fn a_dead_letter_that_comes_again_is_kept_once(ledger: &Opened) {
    let poison = NewDeadLetter {
        kind: DeadKind::Poison,
        about: Some((submitted(ledger).await.id, 7, 1001)),
        ..letter("job/7/1001")
    };
    for _ in 0..2 {
        ledger.bury(&poison).await.unwrap();
    }
    let kept = ledger.dead_letters(None, 9).await.unwrap();
    assert_eq!(
        (kept.len(), kept[0].letter.about, kept[0].letter.kind),
        (1, poison.about, DeadKind::Poison)
    );
}
