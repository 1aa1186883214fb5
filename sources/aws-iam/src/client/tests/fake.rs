//! A scripted AWS on a loopback port: one account in which everything answers, and replies that a test puts in its way.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const EXTERNAL_ID: &str = "planted-external-id";
/// Secrets that the source is given, or that the world answers with.
pub(super) const SECRETS: [&str; 5] = [
    EXTERNAL_ID,
    "planted-hub-secret-key",
    "planted-session-secret-key",
    "planted-session-token",
    "UExBTlRFRC1TRUVE",
];

/// What the server answers.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Ok(String),
    Error(XmlError),
    Raw(u16, &'static str),
    /// The connection ends in the middle of the answer.
    Cut,
}

/// An error in the form of AWS's query protocol.
#[derive(Debug, Clone)]
pub(super) struct XmlError {
    status: u16,
    code: String,
    message: String,
}

impl XmlError {
    pub(super) fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, code: code.to_owned(), message: message.to_owned() }
    }
}

impl Reply {
    pub(super) fn xml(action: &str, result: &str) -> Self {
        Self::Ok(format!(
            "<{action}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{action}Result>{result}\
             </{action}Result></{action}Response>"
        ))
    }

    pub(super) fn access_denied() -> Self {
        Self::Error(XmlError::new(403, "AccessDenied", "no identity-based policy allows it"))
    }

    pub(super) fn throttled() -> Self {
        Self::Error(XmlError::new(400, "Throttling", "Rate exceeded"))
    }

    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Ok(xml) => (200, Body::from(xml)),
            Self::Raw(status, text) => (status, Body::from(text)),
            Self::Error(error) => (
                error.status,
                Body::from(format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>\
                     <RequestId>r</RequestId></ErrorResponse>",
                    error.code, error.message
                )),
            ),
            Self::Cut => {
                let parts: [Result<Bytes, std::io::Error>; 2] =
                    [Ok(Bytes::from_static(b"<Res")), Err(std::io::Error::other("cut"))];
                (200, Body::from_stream(futures::stream::iter(parts)))
            }
        };
        Response::builder().status(StatusCode::from_u16(status).unwrap()).body(body).unwrap()
    }
}

type Call = BTreeMap<String, String>;

#[derive(Default)]
struct Script {
    once: HashMap<String, VecDeque<Reply>>,
    always: HashMap<String, Reply>,
    calls: Vec<(String, Call)>,
}

/// The server. Stops with the test's runtime.
pub(super) struct Fake {
    url: String,
    script: Arc<Mutex<Script>>,
}

impl Fake {
    pub(super) async fn start() -> Self {
        let script = Arc::<Mutex<Script>>::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, script }
    }

    /// Answers the next call of an action with this.
    pub(super) fn once(&self, action: &str, reply: Reply) {
        self.script.lock().unwrap().once.entry(action.to_owned()).or_default().push_back(reply);
    }

    /// Answers every further call of an action with this.
    pub(super) fn always(&self, action: &str, reply: Reply) {
        self.script.lock().unwrap().always.insert(action.to_owned(), reply);
    }

    /// The parameters of each call of an action so far, by what distinguishes them.
    pub(super) fn calls_of(&self, action: &str) -> Vec<Call> {
        let script = self.script.lock().unwrap();
        let mut calls: Vec<_> =
            script.calls.iter().filter(|(name, _)| name == action).map(|(_, call)| call.clone()).collect();
        calls.sort();
        calls
    }

    pub(super) async fn sdk_config(&self) -> SdkConfig {
        aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("AKIAHUB", SECRETS[1], None, None, "test"))
            .endpoint_url(&self.url)
            .http_client(auditor_aws_common::http_client())
            .load()
            .await
    }
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let (action, call) = if let Some(target) = headers.get("x-amz-target") {
        let action = target.to_str().unwrap().rsplit('.').next().unwrap().to_owned();
        (action, Call::from([("body".to_owned(), body)]))
    } else {
        let mut call: Call = form(&body);
        (call.remove("Action").unwrap(), call)
    };
    let scripted = {
        let mut script = script.lock().unwrap();
        script.calls.push((action.clone(), call.clone()));
        let once = script.once.get_mut(&action).and_then(VecDeque::pop_front);
        once.or_else(|| script.always.get(&action).cloned())
    };
    scripted.unwrap_or_else(|| world(&action, &call)).into_response()
}

fn form(body: &str) -> Call {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned()
    };
    body.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (decode(k), decode(v))).collect()
}

const EMPTY_DOCUMENT: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";

/// An `AssumeRole` answer for a session in an account.
pub(super) fn session(account: &str) -> Reply {
    Reply::xml(
        "AssumeRole",
        &format!(
            "<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}\
             </SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>\
             AROA:s</AssumedRoleId><Arn>arn:aws:sts::{account}:assumed-role/auditor/s</Arn></AssumedRoleUser>",
            SECRETS[2], SECRETS[3]
        ),
    )
}

/// A `GetAccountSummary` answer that counts this many users.
pub(super) fn summary(users: u32) -> Reply {
    let counts = [
        ("Users", users),
        ("Groups", 1),
        ("Roles", 1),
        ("Policies", 1),
        ("MFADevicesInUse", 1),
        ("Providers", 2),
        ("ServerCertificates", 1),
        ("AccountMFAEnabled", 0),
    ];
    let entries =
        counts.map(|(key, value)| format!("<entry><key>{key}</key><value>{value}</value></entry>")).concat();
    Reply::xml("GetAccountSummary", &format!("<SummaryMap>{entries}</SummaryMap>"))
}

/// The default answers.
fn world(action: &str, call: &Call) -> Reply {
    let marker = call.get("Marker").map(String::as_str);
    let text = |name: &str| call.get(name).map(String::as_str).unwrap_or_default();
    let result = match action {
        "AssumeRole" => return session(text("RoleArn").split(':').nth(4).unwrap_or_default()),
        "GetCallerIdentity" => {
            "<Account>999999999999</Account><Arn>arn:aws:iam::999999999999:user/hub</Arn><UserId>A</UserId>".to_owned()
        }
        "GetAccountSummary" => return summary(2),
        "GetAccountAuthorizationDetails" => details(marker),
        "GenerateCredentialReport" => "<State>COMPLETE</State>".to_owned(),
        "GetCredentialReport" => format!(
            "<Content>{}</Content><ReportFormat>text/csv</ReportFormat>\
             <GeneratedTime>2026-01-01T00:00:00Z</GeneratedTime>",
            aws_smithy_types::base64::encode(report())
        ),
        "ListUsers" => "<Users><member><Path>/</Path><UserName>ada</UserName><UserId>AIDAADA</UserId>\
            <Arn>arn:aws:iam::111122223333:user/ada</Arn><CreateDate>2021-01-01T00:00:00Z</CreateDate>\
            <PasswordLastUsed>2026-01-01T00:00:00Z</PasswordLastUsed></member></Users><IsTruncated>false</IsTruncated>"
            .to_owned(),
        "ListRoles" => "<Roles></Roles><IsTruncated>false</IsTruncated>".to_owned(),
        "GetAccountPasswordPolicy" => {
            return Reply::Error(XmlError::new(404, "NoSuchEntity", "no password policy"));
        }
        "ListAccountAliases" => {
            "<AccountAliases><member>example</member></AccountAliases><IsTruncated>false</IsTruncated>".to_owned()
        }
        "GetPolicy" => format!(
            "<Policy><PolicyName>PowerUserAccess</PolicyName><PolicyId>ANPAAWS</PolicyId><Arn>{}</Arn>\
             <DefaultVersionId>v7</DefaultVersionId><IsAttachable>true</IsAttachable></Policy>",
            text("PolicyArn")
        ),
        "GetPolicyVersion" => format!(
            "<PolicyVersion><Document>{EMPTY_DOCUMENT}</Document><VersionId>{}</VersionId>\
             <IsDefaultVersion>true</IsDefaultVersion></PolicyVersion>",
            text("VersionId")
        ),
        "ListPolicies" => "<Policies/><IsTruncated>false</IsTruncated>".to_owned(),
        "ListPolicyVersions" => "<Versions/><IsTruncated>false</IsTruncated>".to_owned(),
        "ListAccessKeys" if text("UserName") == "bob" => {
            "<AccessKeyMetadata><member><UserName>bob</UserName><AccessKeyId>AKIABOB</AccessKeyId>\
             <Status>Active</Status><CreateDate>2021-01-01T00:00:00Z</CreateDate></member></AccessKeyMetadata>\
             <IsTruncated>false</IsTruncated>"
                .to_owned()
        }
        "ListAccessKeys" => "<AccessKeyMetadata/><IsTruncated>false</IsTruncated>".to_owned(),
        "ListMFADevices" => format!(
            "<MFADevices><member><UserName>{}</UserName><SerialNumber>arn:aws:iam::111122223333:mfa/ada</SerialNumber>\
             <EnableDate>2021-01-01T00:00:00Z</EnableDate></member></MFADevices><IsTruncated>false</IsTruncated>",
            text("UserName")
        ),
        "ListVirtualMFADevices" => virtual_mfa_devices(),
        "ListSSHPublicKeys" if text("UserName") == "bob" => {
            "<SSHPublicKeys><member><UserName>bob</UserName><SSHPublicKeyId>APKABOB</SSHPublicKeyId>\
             <Status>Inactive</Status><UploadDate>2021-01-01T00:00:00Z</UploadDate></member></SSHPublicKeys>\
             <IsTruncated>false</IsTruncated>"
                .to_owned()
        }
        "ListSSHPublicKeys" => "<SSHPublicKeys/><IsTruncated>false</IsTruncated>".to_owned(),
        "ListSigningCertificates" => {
            "<Certificates><member><UserName>bob</UserName><CertificateId>CERT</CertificateId><CertificateBody>pem\
             </CertificateBody><Status>Active</Status></member></Certificates><IsTruncated>false</IsTruncated>"
                .to_owned()
        }
        "ListServiceSpecificCredentials" => {
            "<ServiceSpecificCredentials><member><UserName>bob</UserName><Status>Active</Status><ServiceUserName>bob-at\
             </ServiceUserName><CreateDate>2021-01-01T00:00:00Z</CreateDate><ServiceSpecificCredentialId>ACCABOB\
             </ServiceSpecificCredentialId><ServiceName>bedrock.amazonaws.com</ServiceName></member>\
             </ServiceSpecificCredentials><IsTruncated>false</IsTruncated>"
                .to_owned()
        }
        "ListServerCertificates" => {
            "<ServerCertificateMetadataList><member><Path>/</Path><ServerCertificateName>web</ServerCertificateName>\
             <ServerCertificateId>ASCAWEB</ServerCertificateId><Arn>arn:aws:iam::111122223333:server-certificate/web\
             </Arn></member></ServerCertificateMetadataList><IsTruncated>false</IsTruncated>"
                .to_owned()
        }
        "ListSAMLProviders" => "<SAMLProviderList><member><Arn>arn:aws:iam::111122223333:saml-provider/idp</Arn>\
            </member></SAMLProviderList>"
            .to_owned(),
        "GetSAMLProvider" => "<SAMLMetadataDocument>&lt;E entityID=\"https://idp.example.com\"/&gt;\
            </SAMLMetadataDocument>"
            .to_owned(),
        "ListOpenIDConnectProviders" => "<OpenIDConnectProviderList><member>\
            <Arn>arn:aws:iam::111122223333:oidc-provider/token.example.com</Arn></member></OpenIDConnectProviderList>"
            .to_owned(),
        "GetOpenIDConnectProvider" => "<Url>token.example.com</Url><ClientIDList><member>b</member><member>a</member>\
            </ClientIDList>"
            .to_owned(),
        "ListAccounts" => return organization(text("body")),
        unknown => return Reply::Error(XmlError::new(400, "InvalidAction", unknown)),
    };
    Reply::xml(action, &result)
}

/// Two pages with entities, an empty one between, an empty last one.
fn details(marker: Option<&str>) -> String {
    let user = |name: &str, created: &str| {
        format!(
            "<UserDetailList><member><Path>/</Path><UserName>{name}</UserName><UserId>AIDA{}</UserId>\
             <Arn>arn:aws:iam::111122223333:user/{name}</Arn><CreateDate>{created}</CreateDate></member></UserDetailList>",
            name.to_uppercase()
        )
    };
    match marker {
        None => user("ada", "2021-01-01T00:00:00Z") + "<IsTruncated>true</IsTruncated><Marker>1</Marker>",
        Some("1") => "<IsTruncated>true</IsTruncated><Marker>2</Marker>".to_owned(),
        Some("2") => {
            user("bob", "2021-02-01T00:00:00Z")
                + "<GroupDetailList><member><GroupName>ops</GroupName><GroupId>AGPAOPS</GroupId>\
                   <Arn>arn:aws:iam::111122223333:group/ops</Arn></member></GroupDetailList>"
                + &format!(
                    "<RoleDetailList><member><RoleName>app</RoleName><RoleId>AROAAPP</RoleId>\
                     <Arn>arn:aws:iam::111122223333:role/app</Arn><AssumeRolePolicyDocument>{EMPTY_DOCUMENT}\
                     </AssumeRolePolicyDocument><PermissionsBoundary><PermissionsBoundaryArn>\
                     arn:aws:iam::aws:policy/PowerUserAccess</PermissionsBoundaryArn></PermissionsBoundary></member>\
                     </RoleDetailList><Policies><member><PolicyName>own</PolicyName><PolicyId>ANPAOWN</PolicyId>\
                     <Arn>arn:aws:iam::111122223333:policy/own</Arn><DefaultVersionId>v1</DefaultVersionId>\
                     <PolicyVersionList><member><Document>{EMPTY_DOCUMENT}</Document><VersionId>v1</VersionId>\
                     <IsDefaultVersion>true</IsDefaultVersion></member></PolicyVersionList></member></Policies>\
                     <IsTruncated>true</IsTruncated><Marker>3</Marker>"
                )
        }
        _ => "<IsTruncated>false</IsTruncated>".to_owned(),
    }
}

fn report() -> String {
    let row = |user: &str, arn: &str, created: &str, rest: &str| {
        format!("{user},arn:aws:iam::111122223333:{arn},{created},{rest}\n")
    };
    "user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_1_last_rotated,\
     access_key_2_active,cert_1_active\n"
        .to_owned()
        + &row("<root_account>", "root", "2020-01-01T00:00:00Z", "not_supported,false,false,N/A,false,false")
        + &row("ada", "user/ada", "2021-01-01T00:00:00Z", "true,true,false,N/A,false,false")
        + &row("bob", "user/bob", "2021-02-01T00:00:00Z", "false,false,true,2021-01-01T00:00:00Z,false,true")
}

fn virtual_mfa_devices() -> String {
    format!(
        "<VirtualMFADevices><member><SerialNumber>arn:aws:iam::111122223333:mfa/ada</SerialNumber>\
         <Base32StringSeed>{seed}</Base32StringSeed><User><Path>/</Path><UserName>ada</UserName>\
         <UserId>AIDAADA</UserId><Arn>arn:aws:iam::111122223333:user/ada</Arn>\
         <CreateDate>2021-01-01T00:00:00Z</CreateDate></User><EnableDate>2021-01-01T00:00:00Z</EnableDate></member>\
         <member><SerialNumber>arn:aws:iam::111122223333:mfa/spare</SerialNumber></member></VirtualMFADevices>\
         <IsTruncated>false</IsTruncated>",
        seed = SECRETS[4]
    )
}

fn organization(body: &str) -> Reply {
    let account = |id: &str, state: &str| {
        format!(
            r#"{{"Id":"{id}","Name":"n","Email":"root@example.com","State":"{state}","Status":"ACTIVE"}}"#
        )
    };
    let page = if body.contains("NextToken\":\"2") {
        format!(
            r#"{{"Accounts":[{},{}]}}"#,
            account("333344445555", "SUSPENDED"),
            account("999999999999", "ACTIVE")
        )
    } else if body.contains("NextToken\":\"1") {
        r#"{"Accounts":[],"NextToken":"2"}"#.to_owned()
    } else {
        format!(
            r#"{{"Accounts":[{},{}],"NextToken":"1"}}"#,
            account(ACCOUNT, "ACTIVE"),
            account("222233334444", "CLOSED")
        )
    };
    Reply::Ok(page)
}
