//! One suite of claims, held against every store.

mod concurrency;
mod keys;
mod listing;
mod objects;

macro_rules! hold_everywhere {
    ($($part:ident: $($claim:ident),+;)+) => {
        mod local_folder {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                super::$part::$claim(crate::places::folder().store.clone()).await;
            })+)+
        }

        mod s3 {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                super::$part::$claim(crate::places::bucket().store.clone()).await;
            })+)+
        }
    };
}

hold_everywhere! {
    objects:
        what_was_put_comes_back,
        metadata_comes_back_from_head_and_get,
        a_put_replaces_bytes_and_metadata,
        an_empty_object_is_an_object,
        a_missing_object_is_not_found,
        deleting_what_is_not_there_is_no_error,
        every_change_has_a_new_version_however_quick,
        an_object_has_one_version_wherever_it_is_asked,
        an_object_above_the_limit_is_refused,
        pieces_of_an_object_make_the_whole,
        metadata_that_can_not_travel_is_refused,
        a_probe_succeeds_and_leaves_nothing_behind;
    keys:
        every_sign_in_a_key_comes_back_as_it_went_in,
        a_key_may_have_1024_bytes,
        keys_that_no_store_may_hold_are_refused;
    listing:
        keys_come_in_the_order_of_their_bytes,
        a_prefix_need_not_end_at_a_slash,
        nothing_below_a_prefix_is_an_empty_page,
        pages_meet_without_gap_or_overlap,
        a_listing_goes_on_after_any_key,
        thousands_of_keys_come_in_pages,
        deleting_what_was_listed_skips_nothing;
    concurrency:
        readers_never_see_half_a_replacement,
        of_puts_at_once_one_wins_whole,
        puts_at_once_under_many_keys_all_arrive;
}
