//! The answer to `ListObjectsV2`, read several times faster than by the SDK, whose reader takes more than half of the
//! processor time of a long listing. The rest, from signatures to errors, stays the SDK's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::operation::list_objects_v2::{ListObjectsV2Error, ListObjectsV2Output};
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};

use super::super::{modified, version};
use super::xml::Xml;
use crate::ObjectMeta;

/// What a page says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// With their keys as they stand there.
    pub(super) objects: Vec<ObjectMeta>,
    pub(super) truncated: bool,
    /// Whether keys are percent-encoded.
    pub(super) encoded: bool,
}

/// Reads the answer to one request, and keeps it: the SDK gets an empty one.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading(Arc<Mutex<Answer>>);

impl Reading {
    /// What came.
    pub(super) fn take(&self) -> Answer {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for Reading {
    fn name(&self) -> &'static str {
        "Reading"
    }

    /// Takes the SDK's place where the request went well.
    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().status().is_success() {
            bag.interceptor_state()
                .store_put(SharedResponseDeserializer::new(self.clone()));
        }
        Ok(())
    }
}

impl DeserializeResponse for Reading {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        _: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let read = read(response.body().bytes().unwrap_or_default())
            .map_err(|error| OrchestratorError::operation(Error::erase(ListObjectsV2Error::unhandled(error))))?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(Output::erase(ListObjectsV2Output::builder().build()))
    }
}

/// Reads the XML of a page.
fn read(xml: &[u8]) -> Result<Answer, BoxError> {
    let mut xml = Xml::new(str::from_utf8(xml)?);
    if xml.enter()? != Some("ListBucketResult") {
        return Err("it is no ListBucketResult".into());
    }
    let mut answer = Answer::default();
    while let Some(name) = xml.enter()? {
        match name {
            "IsTruncated" => answer.truncated = xml.text()? == "true",
            "EncodingType" => answer.encoded = xml.text()? == "url",
            "Contents" => answer.objects.push(object(&mut xml)?),
            _ => xml.leave()?,
        }
    }
    Ok(answer)
}

/// Reads what is said of an object.
fn object(xml: &mut Xml<'_>) -> Result<ObjectMeta, BoxError> {
    let mut object = ObjectMeta {
        key: String::new(),
        size_bytes: 0,
        version: String::new(),
        modified: None,
        metadata: BTreeMap::new(),
    };
    while let Some(name) = xml.enter()? {
        match name {
            "Key" => object.key = xml.text()?.into_owned(),
            "Size" => object.size_bytes = xml.text()?.parse()?,
            "ETag" => object.version = version(&xml.text()?),
            "LastModified" => {
                let stamp = DateTime::from_str(&xml.text()?, DateTimeFormat::DateTimeWithOffset);
                object.modified = modified(stamp.ok());
            }
            _ => xml.leave()?,
        }
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const PAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
        <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
          <Name>photos</Name><Prefix>a&amp;b/</Prefix><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
          <Contents>
            <Key>a%26b/&#xFC;&lt;1&gt;.jpg</Key><LastModified>1970-01-01T00:00:01.500Z</LastModified>
            <ETag>&quot;0123&quot;</ETag><Size>42</Size><StorageClass>STANDARD</StorageClass>
            <Owner><ID>Key</ID><DisplayName/></Owner>
          </Contents>
          <Contents><Key><![CDATA[2.jpg]]></Key><Size>0</Size></Contents>
          <CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>
        </ListBucketResult>"#;

    #[test]
    fn a_page_is_read_with_all_that_it_says_of_objects() {
        let answer = read(PAGE.as_bytes()).unwrap();
        assert!(answer.truncated && answer.encoded);
        let [first, second] = &answer.objects[..] else {
            panic!("{answer:?}")
        };
        assert_eq!(first.key, "a%26b/ü<1>.jpg");
        assert_eq!((first.version.as_str(), first.size_bytes), ("0123", 42));
        assert_eq!(first.modified, Some(UNIX_EPOCH + Duration::from_millis(1500)));
        assert_eq!((second.key.as_str(), second.modified), ("2.jpg", None));
    }

    #[test]
    fn what_is_no_whole_page_is_an_error() {
        for (xml, why) in [
            ("", "too soon"),
            ("busy, try later", "too soon"),
            (&PAGE[..PAGE.find("<Size>").unwrap()], "too soon"),
            ("<html><body>Welcome</body></html>", "no ListBucketResult"),
            (
                "<ListBucketResult><IsTruncated>&nbsp;</IsTruncated></ListBucketResult>",
                "&nbsp;",
            ),
            ("<ListBucketResult><Contents><Size>many</Size>", "invalid digit"),
            ("<ListBucketResult></Contents>", "should end"),
        ] {
            let error = read(xml.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(why), "{xml}: {error}");
        }
    }
}
