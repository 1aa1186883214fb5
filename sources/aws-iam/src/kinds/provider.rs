//! `aws_iam_saml_provider` and `aws_iam_oidc_provider`: identity providers whose users may assume roles.

use auditor_aws_common::name_of;
use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{emit_listing, note_differences, sorted, tags};
use crate::{
    estate::Estate,
    wire::{OidcProvider, SamlProvider, chrono},
};

pub(crate) static SAML_PROVIDER: Kind = Kind::new(
    "aws_iam_saml_provider",
    "A SAML identity provider that roles may trust",
)
.native_id("The ARN: AWS gives no other id everywhere")
.columns(&[
    Column::text(
        "entity_id",
        "/entity_id",
        "Entity id of the identity provider. Null: not found in the metadata (`GetSAMLProvider`, \
                 `SAMLMetadataDocument`, attribute `entityID`)",
    ),
    Column::timestamp(
        "valid_until",
        "/valid_until",
        "When the metadata expires. Null: not known (`GetSAMLProvider`, `ValidUntil`)",
    ),
    Column::text(
        "metadata_blake3",
        "/metadata_blake3",
        "BLAKE3 of the metadata document; the document itself is not kept (`GetSAMLProvider`)",
    ),
    Column::text(
        "assertion_encryption",
        "/assertion_encryption",
        "Whether assertions must be encrypted. Null: not set (`GetSAMLProvider`, `AssertionEncryptionMode`)",
    ),
    Column::json("tags", "/tags", "Tags as an object (`GetSAMLProvider`, `Tags`)"),
])
.permissions(&["iam:GetAccountSummary", "iam:GetSAMLProvider", "iam:ListSAMLProviders"]);

pub(crate) static OIDC_PROVIDER: Kind =
    Kind::new("aws_iam_oidc_provider", "An OpenID Connect identity provider that roles may trust")
        .native_id("The ARN: AWS gives no other id")
        .columns(&[
            Column::text("url", "/url", "Issuer, without `https://` (`GetOpenIDConnectProvider`, `Url`)"),
            Column::json(
                "client_ids",
                "/client_ids",
                "Audiences it accepts (`GetOpenIDConnectProvider`, `ClientIDList`)",
            ),
            Column::json(
                "thumbprints",
                "/thumbprints",
                "Thumbprints of accepted certificates (`GetOpenIDConnectProvider`, `ThumbprintList`)",
            ),
            Column::json("tags", "/tags", "Tags as an object (`GetOpenIDConnectProvider`, `Tags`)"),
        ])
        .permissions(&[
            "iam:GetAccountSummary",
            "iam:GetOpenIDConnectProvider",
            "iam:ListOpenIDConnectProviders",
        ]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&SAML_PROVIDER], |emit| async move {
        note_differences(&emit, &SAML_PROVIDER, estate, &["Providers"]);
        emit_listing(&emit, &SAML_PROVIDER, &estate.saml_providers, |provider| map_saml(estate, provider))
            .await
    })
    .await;
    out.scope(&[&OIDC_PROVIDER], |emit| async move {
        note_differences(&emit, &OIDC_PROVIDER, estate, &["Providers"]);
        emit_listing(&emit, &OIDC_PROVIDER, &estate.oidc_providers, |provider| map_oidc(estate, provider))
            .await
    })
    .await;
}

fn map_saml(estate: &Estate, provider: &SamlProvider) -> Resource {
    let metadata = provider.metadata.as_deref();
    let document = json!({
        "arn": provider.arn,
        "uuid": provider.uuid,
        "entity_id": metadata.and_then(entity_id),
        "valid_until": chrono(provider.valid_until),
        "metadata_blake3": metadata.map(|text| blake3::hash(text.as_bytes()).to_hex().to_string()),
        "assertion_encryption": provider.assertion_encryption,
        "private_key_ids": sorted(provider.private_key_ids.iter().map(String::as_str)),
        "tags": tags(&provider.tags),
    });
    Resource::new(&SAML_PROVIDER, estate.account().clone(), provider.arn.as_str(), document)
        .named(name_of(&provider.arn))
        .with_times(chrono(provider.created_at), None)
}

/// The `entityID` of SAML metadata. An attribute of the one root element, so no XML reader is needed to find it.
fn entity_id(metadata: &str) -> Option<&str> {
    let (_, rest) = metadata.split_once("entityID")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
    rest.split(quote).nth(1)
}

fn map_oidc(estate: &Estate, provider: &OidcProvider) -> Resource {
    let document = json!({
        "arn": provider.arn,
        "url": provider.url,
        "client_ids": sorted(provider.client_ids.iter().map(String::as_str)),
        "thumbprints": sorted(provider.thumbprints.iter().map(String::as_str)),
        "tags": tags(&provider.tags),
    });
    let name = provider.arn.split_once("oidc-provider/").map_or(provider.arn.as_str(), |(_, name)| name);
    Resource::new(&OIDC_PROVIDER, estate.account().clone(), provider.arn.as_str(), document)
        .named(name)
        .with_times(chrono(provider.created_at), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entity_id_is_found_in_any_usual_form() {
        let found = |text| entity_id(text);
        assert_eq!(
            found("<E entityID=\"https://idp.example.com/\" x='y'>"),
            Some("https://idp.example.com/")
        );
        assert_eq!(found("<E\n entityID = 'urn:example'>"), Some("urn:example"));
        assert_eq!(found("<E/>"), None);
        assert_eq!(found("entityID=x"), None);
    }
}
