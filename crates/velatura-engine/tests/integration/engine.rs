//! The engine's life: devices that are not there, many callers at once, the end.

use std::sync::Arc;

use crate::support::{config, painting, plain, runtime, scene, tiny_engine, tiny_pack};
use velatura_engine::{Device, Engine, EngineConfig, EngineError, Provider, Request, Runtime};
use velatura_image::Rgb8;

fn request(engine: &Engine, seed: u64) -> Request {
    let code = Arc::new(engine.style_blocking(&scene(64, 64, 1), 64).expect("a style"));
    Request {
        photo: scene(96, 64, seed),
        paintings: vec![painting(plain(), &code)],
    }
}

fn picture(engine: &Engine, request: &Request) -> Rgb8 {
    engine
        .paint_blocking(request)
        .expect("the engine goes on")
        .pictures
        .remove(0)
        .expect("painted")
}

#[test]
fn the_runtime_is_loaded_once_and_a_second_library_is_refused() {
    let first = runtime();
    assert_eq!(
        Runtime::load(first.path()).expect("the same").version(),
        first.version()
    );
    let dir = tempfile::TempDir::new().expect("a folder");
    let copy = dir.path().join("libonnxruntime.so");
    std::fs::copy(first.path(), &copy).expect("copied");
    assert_eq!(
        Runtime::load(&copy).map(|_| ()).map_err(|error| error.code()),
        Err("onnxruntime-already-loaded")
    );
}

#[test]
fn the_provider_is_what_really_runs_the_graphs() {
    assert_eq!(tiny_engine(&config()).provider(), Provider::Cpu);
}

#[test]
fn a_device_that_is_not_there_is_an_error_with_the_remedy_and_no_cpu_in_disguise() {
    for device in [Device::Cuda { id: 0 }, Device::TensorRt { id: 0 }] {
        match Engine::start(&runtime(), tiny_pack(), &EngineConfig::on(device)) {
            Err(error) => {
                assert_eq!(error.code(), "device-unavailable", "{error}");
                assert!(error.to_string().contains("--device cpu"), "{error}");
            }
            Ok(engine) => assert_ne!(engine.provider(), Provider::Cpu, "asked for {device}"),
        }
    }
}

#[test]
fn auto_paints_on_what_there_is() {
    let engine = tiny_engine(&EngineConfig::on(Device::Auto));
    assert_eq!(picture(&engine, &request(&engine, 2)).size(), (96, 64));
}

#[test]
fn many_callers_at_once_get_their_own_pictures_and_batches_change_nothing() {
    let alone = tiny_engine(&config());
    let requests: Vec<Request> = (0..12).map(|seed| request(&alone, seed)).collect();
    let expected: Vec<Rgb8> = requests.iter().map(|request| picture(&alone, request)).collect();
    let batching = tiny_engine(&EngineConfig {
        batch_pixels: Some(8 * 96 * 64),
        ..config()
    });
    std::thread::scope(|scope| {
        for _ in 0..3 {
            for (request, expected) in requests.iter().zip(&expected) {
                let engine = batching.clone();
                scope.spawn(move || assert_eq!(picture(&engine, request), *expected));
            }
        }
    });
}

#[test]
fn asynchronous_callers_get_the_same_pictures() {
    let engine = tiny_engine(&config());
    let request = request(&engine, 3);
    let expected = picture(&engine, &request);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let (code, response) = runtime.block_on(async {
        let code = engine.style(scene(64, 64, 1), 64).await;
        (
            code.expect("a style"),
            engine.paint(request.clone()).await.expect("the engine goes on"),
        )
    });
    assert_eq!(code, *request.paintings[0].code);
    assert_eq!(response.pictures, [Ok(expected)]);
    assert!(response.timings.paint > std::time::Duration::ZERO && response.batch == 1);
}

#[test]
fn after_the_end_requests_are_refused_on_every_handle() {
    let engine = tiny_engine(&config());
    let (request, other) = (request(&engine, 4), engine.clone());
    engine.close();
    assert_eq!(other.paint_blocking(&request).map(|_| ()), Err(EngineError::Closed));
    assert_eq!(other.style_blocking(&request.photo, 64), Err(EngineError::Closed));
    engine.close();
}

#[test]
fn two_engines_live_side_by_side() {
    let (a, b) = (tiny_engine(&config()), tiny_engine(&config()));
    let request = request(&a, 5);
    let expected = picture(&a, &request);
    drop(a);
    assert_eq!(picture(&b, &request), expected);
}
