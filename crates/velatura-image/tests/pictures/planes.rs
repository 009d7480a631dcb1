use crate::support::{largest_difference, mean_difference, scene};
use velatura_image::{Gray8, GrayF32, GrayFilter, PlaneError, Rgb8, fit_long_side, round_to_multiple};

#[test]
fn a_plane_is_always_whole() {
    assert_eq!(
        Rgb8::new(0, 3, vec![]).unwrap_err(),
        PlaneError::Empty { width: 0, height: 3 }
    );
    let wrong = PlaneError::WrongLength {
        width: 2,
        height: 2,
        expected: 12,
        actual: 11,
    };
    assert_eq!(Rgb8::new(2, 2, vec![0; 11]).unwrap_err(), wrong);
    let huge = GrayF32::filled(u32::MAX, u32::MAX, [0.0]).unwrap_err();
    assert!(matches!(huge, PlaneError::TooLarge { .. }));
}

#[test]
fn a_crop_is_the_rectangle_and_paste_puts_it_back() {
    let picture = scene(30, 20);
    let part = picture.crop(7, 5, 11, 9).unwrap();
    assert_eq!(part.size(), (11, 9));
    assert_eq!(part.pixel(0, 0), picture.pixel(7, 5));
    assert_eq!(part.pixel(10, 8), picture.pixel(17, 13));
    let mut blank = Rgb8::filled(30, 20, [0; 3]).unwrap();
    blank.paste(7, 5, &part).unwrap();
    assert_eq!(blank.pixel(17, 13), picture.pixel(17, 13));
    assert_eq!(blank.pixel(18, 13), [0; 3]);
}

#[test]
fn a_rectangle_that_leaves_the_plane_is_refused() {
    let picture = scene(30, 20);
    assert!(matches!(
        picture.crop(20, 0, 11, 1),
        Err(PlaneError::OutsidePlane { .. })
    ));
    assert!(matches!(
        picture.crop(u32::MAX, 0, 2, 1),
        Err(PlaneError::OutsidePlane { .. })
    ));
    assert!(matches!(picture.crop(0, 0, 0, 1), Err(PlaneError::Empty { .. })));
}

#[test]
fn resizing_there_and_back_keeps_a_smooth_picture() {
    let picture = scene(300, 200);
    let smaller = picture.resized(150, 100).unwrap();
    assert_eq!(smaller.size(), (150, 100));
    let back = smaller.resized(300, 200).unwrap();
    let difference = mean_difference(&back, &picture);
    assert!(difference < 1.5, "{difference}");
}

#[test]
fn resizing_to_the_same_size_changes_nothing() {
    let picture = scene(33, 21);
    assert_eq!(picture.resized(33, 21).unwrap(), picture);
    let map = GrayF32::new(3, 1, vec![0.1, 0.5, 0.9]).unwrap();
    assert_eq!(map.resized(3, 1, GrayFilter::Area).unwrap(), map);
}

#[test]
fn bands_join_without_a_seam() {
    // Wide enough that a band is a handful of rows; a flat column structure makes each row the same before resizing.
    let (width, height) = (60_000, 150);
    let row: Vec<u8> = (0..width * 3).map(|index| (index / 90 % 256) as u8).collect();
    let picture = Rgb8::new(width, height, row.repeat(height as usize)).unwrap();
    let enlarged = picture.resized(width, 170).unwrap();
    for (number, line) in enlarged.rows().enumerate() {
        assert!(line == row, "row {number} differs");
    }
    // And with a slope down the rows: each of them is brighter than the one above, across the bands, too.
    let slope: Vec<u8> = (0..height).flat_map(|y| vec![y as u8; width as usize]).collect();
    let slope = Gray8::new(width, height, slope).unwrap().resized(width, 140).unwrap();
    let column: Vec<u8> = (0..140).map(|y| slope.pixel(17, y)[0]).collect();
    assert!(
        column
            .windows(2)
            .all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= 2),
        "{column:?}"
    );
}

#[test]
fn area_averaging_keeps_the_mean_at_any_ratio() {
    let values: Vec<f32> = (0..35 * 23)
        .map(|index| ((index * 7919) % 101) as f32 / 100.0)
        .collect();
    let map = GrayF32::new(35, 23, values).unwrap();
    let mean = |map: &GrayF32| map.data().iter().map(|value| f64::from(*value)).sum::<f64>() / map.pixel_count() as f64;
    for (width, height) in [(7, 5), (16, 9), (34, 22), (1, 1), (35, 4)] {
        let small = map.resized(width, height, GrayFilter::Area).unwrap();
        assert!((mean(&small) - mean(&map)).abs() < 1e-5, "{width}x{height}");
    }
}

#[test]
fn area_averaging_weighs_by_cover() {
    let map = GrayF32::new(3, 1, vec![0.0, 0.6, 0.9]).unwrap();
    let halves = map.resized(2, 1, GrayFilter::Area).unwrap();
    // (0.0 + 0.6/2) / 1.5 and (0.6/2 + 0.9) / 1.5
    assert!(
        (halves.data()[0] - 0.2).abs() < 1e-6 && (halves.data()[1] - 0.8).abs() < 1e-6,
        "{:?}",
        halves.data()
    );
}

#[test]
fn bilinear_enlarging_interpolates_between_pixel_centres() {
    let map = GrayF32::new(2, 1, vec![0.0, 1.0]).unwrap();
    let wide = map.resized(4, 1, GrayFilter::Bilinear).unwrap();
    for (found, expected) in wide.data().iter().zip([0.0, 0.25, 0.75, 1.0]) {
        assert!((found - expected).abs() < 1e-6, "{:?}", wide.data());
    }
}

#[test]
fn the_filter_follows_the_direction() {
    assert_eq!(GrayFilter::between((10, 10), (9, 20)), GrayFilter::Area);
    assert_eq!(GrayFilter::between((10, 10), (10, 20)), GrayFilter::Bilinear);
}

#[test]
fn sizes_are_fitted_and_rounded() {
    assert_eq!(fit_long_side(9000, 6700, 512), (512, 381));
    assert_eq!(fit_long_side(100, 4000, 512), (13, 512));
    assert_eq!(fit_long_side(1, 10_000, 100), (1, 100));
    assert_eq!(fit_long_side(u32::MAX, 1, u32::MAX), (u32::MAX, 1));
    assert_eq!(round_to_multiple(20, 8), 24);
    assert_eq!(round_to_multiple(19, 8), 16);
    assert_eq!(round_to_multiple(5, 0), 5);
    assert_eq!(round_to_multiple(u32::MAX, 16) % 16, 0);
}

#[test]
fn a_small_turn_of_the_wheel_is_close_to_the_original() {
    let picture = scene(256, 256);
    let near = picture.resized(256, 255).unwrap().resized(256, 256).unwrap();
    assert!(largest_difference(&near, &picture) <= 8);
}
