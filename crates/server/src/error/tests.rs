use super::*;
use actix_web::body::MessageBody;

#[test]
fn an_index_that_is_being_built_is_asked_for_again_later() {
    let building = StoreError::Building { done: 1, total: 4, retry_after: 7 };
    let response = Error::from(building).respond();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers().get("retry-after").unwrap(), "7");
    let body = response.into_body().try_into_bytes().unwrap();
    let outcome = std::str::from_utf8(&body).unwrap();
    assert!(outcome.contains(r#""code":"transient""#) && outcome.contains("(1 of 4)"), "{outcome}");
    // Without a time of its own, soon.
    let changed = Error::from(StoreError::Outdated).respond();
    assert_eq!(changed.headers().get("retry-after").unwrap(), "1");
}
