//! Every code that a caller can meet, one row each. The rows feed every wire and the error pages of the documentation.

macro_rules! catalogue {
    ($($name:ident $text:literal $status:literal $title:literal $mend:literal)*) => {
        /// A row of the catalogue.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every row, in the order of the documentation.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The code on the wire: `PGRST100`, `23505`, `BIS-101`.
            pub const fn text(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// The HTTP status unless the case decides otherwise.
            pub const fn status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }

            /// What kind of failure it is: the `title` of RFC 9457.
            pub const fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// What a caller can do, for the documentation.
            pub const fn mend(self) -> &'static str {
                match self { $(Code::$name => $mend,)* }
            }
        }
    };
}

catalogue! {
    // The request, in the dialect's own codes.
    QueryParse "PGRST100" 400 "The query string cannot be read" "Mend the parameter that the message names; the details say what was expected there."
    RpcVerb "PGRST101" 405 "This verb cannot call a function" "Call functions with POST, or GET where they only read."
    Body "PGRST102" 400 "The body cannot be read" "Send the shape that the message asks for, with its content type."
    Range "PGRST103" 416 "The range cannot be satisfied" "Ask for rows that exist; the details give the count."
    PutFilter "PGRST105" 405 "PUT needs the key as its only filters" "Filter by every key column with eq, and by nothing else."
    SchemaProfile "PGRST106" 406 "No such schema" "Use the profile that the hint names, or none."
    MediaType "PGRST107" 406 "None of the accepted media types can be made" "Accept application/json or text/csv."
    NotEmbedded "PGRST108" 400 "A filter or order names something that is not embedded" "Add the relation to select, or mend the name."
    PutRange "PGRST114" 400 "PUT takes no limit or offset" "Remove limit and offset."
    PutKey "PGRST115" 400 "The body's key differs from the filter's" "Send the same key in the body and in the filter."
    Singular "PGRST116" 406 "Not exactly one row" "Filter by a key or a unique field, or ask for a list."
    Method "PGRST117" 405 "This method is not supported here" "Use a method of the Allow header."
    RelatedOrder "PGRST118" 400 "Rows cannot be ordered by that relation" "Order by a to-one relation that select embeds."
    EmbedOperator "PGRST120" 400 "Only is.null and not.is.null work on an embedded relation" "Filter a column of the relation instead."
    Preference "PGRST122" 400 "A preference is unknown" "Remove it, or send handling=lenient."
    AggregatesOff "PGRST123" 400 "Aggregates are switched off" "Set rest.aggregates = true in bistro.toml."
    MaxAffected "PGRST124" 400 "The write would touch more rows than max-affected" "Narrow the filter or raise the number."
    Path "PGRST125" 404 "No such path" "Collections lie at /rest/v1/<collection>, rows at /rest/v1/<collection>/<key>."
    NotImplemented "PGRST127" 400 "This part of the dialect is not served" "The message names what to use instead."
    NoRelationship "PGRST200" 400 "No relation between the two" "Embed a relation that the schema declares; the hint may name it."
    AmbiguousRelationship "PGRST201" 300 "More than one relation between the two" "Name one: collection!constraint(…); the details list them."
    UnknownFunction "PGRST202" 404 "No such function" "Mend the name or the arguments."
    UnknownTable "PGRST205" 404 "No such collection" "Mend the name; check that a rule lets this caller see it."
    UnknownWriteColumn "PGRST204" 400 "No such column to write" "Mend the member's name; check that a rule lets this caller write it."
    TokenInvalid "PGRST301" 401 "The token cannot be verified" "Sign in again; check that the token was made for this project."
    AnonymousRefused "PGRST302" 401 "A signed-in caller is needed" "Send Authorization: Bearer <token>."
    TokenClaims "PGRST303" 401 "The token's claims do not hold" "Refresh the token."
    // SQLSTATEs, as PostgreSQL's clients know them.
    UnfilteredWrite "21000" 400 "A write without a filter" "Filter the rows to write, or set rest.unfiltered_writes = true."
    TextTooLong "22001" 400 "The text is too long" "Shorten it."
    OutOfRange "22003" 400 "The number does not fit its type" "Send a number that the type can hold."
    DateSyntax "22007" 400 "Not a date or time" "Write dates as in ISO 8601."
    DateRange "22008" 400 "No such date or time" "Send a day and time that exist."
    BadText "22021" 400 "The text holds a character that cannot be stored" "Remove NUL characters and broken UTF-8."
    BadParameter "22023" 400 "A parameter has no valid value" "Mend the value that the message names."
    UnknownRole "22023R" 401 "The token's role does not exist" "Use anon, authenticated or service_role."
    InvalidText "22P02" 400 "The text is not a value of the type" "Send a value of the column's type."
    BadRegex "2201B" 400 "The regular expression cannot be used" "Use the common subset: no look-around, no back-references, at most 256 bytes."
    BadPattern "22025" 400 "The pattern cannot be used" "Do not end a pattern with a backslash; keep it short."
    SearchQuery "42601" 400 "The full-text query cannot be read" "Join words with & | ! and <->, or use plfts, phfts or wfts."
    NotNull "23502" 400 "A required value is missing" "Send a value for the column that the message names."
    ForeignKey "23503" 409 "A related row is missing or still needed" "Write the related row first, or remove the rows that refer to this one."
    UniqueViolation "23505" 409 "A row with this value exists" "Change the value, or upsert with on_conflict."
    CheckViolation "23514" 400 "A check refuses the row" "Send values that keep the check that the message names."
    ReadOnly "25006" 405 "The request may only read" "Use a verb that writes."
    GeneratedColumn "428C9" 400 "The column is never written by callers" "Remove the member."
    Forbidden "42501" 403 "A rule refuses" "Ask as a caller whom the rules allow."
    UnknownColumn "42703" 400 "No such column" "Mend the name; check that a rule lets this caller see it."
    UnknownType "42704" 400 "No such type to cast to" "Cast to a type of PostgreSQL that the column can become."
    BadOperator "42883" 400 "The operator does not work on this type" "Use an operator of the column's type."
    TypeMismatch "42804" 400 "The test does not fit the column's type" "Use an operator of the column's type."
    CannotCast "42846" 400 "The column's type cannot become that type" "Cast to a type that the column can become, such as text."
    BadGrouping "42803" 400 "The aggregate cannot be made" "Aggregate a column of a type that the function takes."
    NoConflictKey "42P10" 400 "No unique constraint over these columns" "Name the key or the columns of one unique constraint in on_conflict."
    StatementTimeout "57014" 500 "The statement took too long" "Narrow the filter, add an index, or ask for fewer rows."
    Serialization "40001" 503 "The write met another one" "Try again."
    StoreUnavailable "PGRST000" 503 "The store cannot be reached" "Try again after the seconds of Retry-After."
    DiskFull "53100" 507 "The disk is full" "Free space; reads go on meanwhile."
    // Ours.
    NoKey "BIS-301" 401 "No API key found in request" "Send the header apikey, or Authorization: Bearer <token>."
    BadKey "BIS-302" 401 "The API key is not valid" "Send a key of this project: bistro keys lists them."
    HostRefused "BIS-303" 403 "This host may not use the open development server" "Use a loopback address, or start without --open."
    RequestTooLarge "BIS-101" 413 "The request is larger than the limit" "Send less, or raise the limit that the message names."
    UriTooLong "BIS-102" 414 "The request line is longer than the limit" "Shorten the URL, or raise limits.request_line."
    HeadersTooLarge "BIS-103" 431 "The headers are larger than the limit" "Send fewer or shorter headers."
    Timeout "BIS-104" 408 "The request did not arrive in time" "Send the body faster."
    ContentType "BIS-105" 415 "This content type is not read here" "Send application/json."
    TooComplex "BIS-106" 400 "The request is deeper or larger than a limit" "Ask for less at once; the message names the limit."
    PreconditionFailed "BIS-107" 412 "The row has changed" "Read it again and repeat the write with its new ETag."
    IdempotencyMismatch "BIS-108" 422 "The idempotency key was used with another body" "Use a new key for a new request."
    BatchReference "BIS-109" 400 "A reference of the batch leads nowhere" "Refer to a member of an earlier result: $<index>.<member>."
    Batch "BIS-110" 400 "The batch cannot be read" "Send {\"operations\": […]} with 1 to 100 operations."
    BadRequest "BIS-111" 400 "The request cannot be read" "Mend what the message names."
    ReplyTooLarge "BIS-112" 400 "The reply would be larger than the limit" "Ask for fewer rows or columns."
    NotFound "BIS-113" 404 "Nothing is served here" "The message names what is."
    // GraphQL.
    GraphqlSyntax "BIS-401" 400 "The GraphQL document cannot be read" "Mend the place that the message names."
    GraphqlInvalid "BIS-402" 400 "The GraphQL document does not fit the schema" "Mend the name or the argument; ask for __schema, or print the schema with bistro graphql schema."
    PersistedNotFound "BIS-403" 200 "No document has this hash yet" "Send the document together with its hash once."
    PersistedOff "BIS-404" 200 "Automatic persisted queries are switched off" "Send the whole document, or its id in the manifest of trusted documents."
    NotTrusted "BIS-405" 403 "Only trusted documents are run" "Send the documentId of a document in the manifest."
    OperationName "BIS-406" 400 "The operation to run is not clear" "Name one operation of the document in operationName."
    BadCursor "BIS-407" 400 "The cursor does not belong to this list" "Use a cursor of the same field with the same order, or none."
    NoSuchRow "BIS-408" 404 "No such row" "Check the key; check that a rule lets this caller see the row."
    CrossSite "BIS-409" 403 "The request may come from another site" "Call from the server's own pages, or send the key or token in a header."
    IntrospectionOff "BIS-410" 400 "Introspection is switched off for this caller" "Send a user's token, print the schema with bistro graphql schema, or set graphql.introspection."
    SubscriptionLag "BIS-411" 503 "The subscriber is too slow" "Read the current state and subscribe again."
    Variables "BIS-412" 400 "A variable has no value of its type" "Send a value of the type that the operation declares."
    // SOAP.
    SoapEnvelope "BIS-420" 400 "The envelope cannot be read" "Send one well-formed SOAP envelope without a document type, as its WSDL describes it."
    SoapVersion "BIS-421" 400 "The envelope is of another version of SOAP" "Send SOAP 1.1 as text/xml and SOAP 1.2 as application/soap+xml."
    SoapHeader "BIS-422" 400 "A header that must be understood is not known" "Send it without mustUnderstand, or not at all."
    SoapAction "BIS-423" 400 "The SOAP action differs from the body's operation" "Leave the action empty, or send the one of the WSDL."
    SoapOperation "BIS-424" 400 "No such operation" "Read the WSDL again as this caller; what a caller may not do is not in it."
    SoapElement "BIS-425" 400 "An element is not what is wanted at its place" "Write the body as the WSDL of this caller describes it."
    SoapCharacter "BIS-426" 422 "The reply holds a character that XML cannot carry" "Read the row over another surface, or set soap.invalid_characters = \"replace\"."
    SecurityHeader "BIS-427" 400 "The Security header cannot be used" "Send one UsernameToken with a Username and a Password of the type PasswordText."
    SecurityToken "BIS-428" 400 "This kind of security token is not supported" "Send a UsernameToken with PasswordText over TLS, or a key in an HTTP header."
    SecurityExpired "BIS-429" 400 "The message is too old, or was sent before" "Send it again with the present time and a fresh Nonce."
    // Accounts, in the dialect's own codes.
    ValidationFailed "validation_failed" 400 "A member of the request is missing or has no valid value" "Mend what the message names."
    BadJson "bad_json" 400 "The body is not JSON of the right shape" "Send a JSON object."
    InvalidCredentials "invalid_credentials" 400 "The e-mail address or the password is wrong" "Check both; reset the password at /auth/v1/recover."
    EmailNotConfirmed "email_not_confirmed" 400 "The e-mail address has not been confirmed" "Follow the link in the mail, or ask for another at /auth/v1/resend."
    UserBanned "user_banned" 400 "The account is banned" "Ask an administrator."
    UserNotFound "user_not_found" 404 "No such account" "Check the id."
    UserAlreadyExists "user_already_exists" 422 "The account exists already" "Sign in, or recover the password."
    EmailExists "email_exists" 422 "Another account has this e-mail address" "Use another address."
    EmailAddressInvalid "email_address_invalid" 400 "This is no e-mail address" "Send an address of the form name@example.org."
    PhoneExists "phone_exists" 422 "Another account has this phone number" "Use another number."
    WeakPassword "weak_password" 422 "The password is too weak" "Take a longer one that is not on the list of common passwords; the reasons are listed."
    SamePassword "same_password" 422 "The new password is the old one" "Choose another."
    CurrentPasswordRequired "current_password_required" 400 "The present password is needed" "Send current_password."
    CurrentPasswordInvalid "current_password_invalid" 400 "The present password is wrong" "Send the right one, or recover the password."
    ReauthenticationNeeded "reauthentication_needed" 400 "A fresh proof of identity is needed" "Send current_password, sign in again, or send the nonce of /auth/v1/reauthenticate."
    ReauthenticationNotValid "reauthentication_not_valid" 422 "The nonce is wrong or over" "Ask for another at /auth/v1/reauthenticate."
    NoAuthorization "no_authorization" 401 "A user's token is needed" "Send Authorization: Bearer <access token>."
    BadJwt "bad_jwt" 403 "The token cannot be verified" "Sign in again."
    NotAdmin "not_admin" 403 "Only the secret key and administrators may do this" "Send the secret key, or the token of an account with the role admin."
    InsufficientAal "insufficient_aal" 401 "A second factor is needed" "Verify a factor first."
    InsufficientScope "insufficient_scope" 403 "The application was not granted this" "Ask for the scope that the message names."
    SessionNotFound "session_not_found" 403 "The session is over" "Sign in again."
    SessionExpired "session_expired" 400 "The session has ended" "Sign in again."
    RefreshTokenNotFound "refresh_token_not_found" 400 "No such refresh token" "Sign in again."
    RefreshTokenUsed "refresh_token_already_used" 400 "The refresh token was used before" "Sign in again; if that was not you, your session was copied and is now ended."
    OtpExpired "otp_expired" 403 "The code or link is wrong, used or over" "Ask for another."
    OtpDisabled "otp_disabled" 422 "Nobody can sign up by mail alone here" "Sign up first."
    SignupDisabled "signup_disabled" 422 "Nobody can sign up here" "Ask for an invitation."
    EmailProviderDisabled "email_provider_disabled" 422 "Mail and passwords are switched off here" "Set [mail] url; the message names what is off."
    PhoneProviderDisabled "phone_provider_disabled" 422 "Phone numbers are not served here" "Use an e-mail address."
    AnonymousDisabled "anonymous_provider_disabled" 422 "Anonymous accounts are switched off" "Sign up, or set auth.anonymous = true."
    ProviderDisabled "provider_disabled" 422 "This provider is switched off" "Configure it under [auth.providers]."
    ProviderNotSupported "oauth_provider_not_supported" 400 "No such provider" "Use a provider that /auth/v1/settings lists."
    ProviderEmailUnverified "provider_email_needs_verification" 422 "The provider has not verified the e-mail address" "Confirm the address by the mail that was sent, then sign in again."
    BadOauthState "bad_oauth_state" 400 "The answer of the provider belongs to no sign-in of this browser" "Begin the sign-in again."
    BadOauthCallback "bad_oauth_callback" 400 "The answer of the provider cannot be used" "Begin the sign-in again."
    UnexpectedAudience "unexpected_audience" 400 "The token was made for another application" "Configure the client id under [auth.providers]."
    FlowStateNotFound "flow_state_not_found" 404 "No such sign-in is under way" "Begin the sign-in again."
    FlowStateExpired "flow_state_expired" 422 "The sign-in took too long" "Begin it again."
    BadCodeVerifier "bad_code_verifier" 400 "The code verifier does not fit the challenge" "Exchange the code in the browser that began the sign-in."
    IdentityNotFound "identity_not_found" 422 "No such identity" "List them at /auth/v1/user."
    IdentityExists "identity_already_exists" 422 "The identity belongs to an account already" "Sign in with it."
    SingleIdentity "single_identity_not_deletable" 422 "The last identity cannot be removed" "Add another first."
    EmailConflictIdentity "email_conflict_identity_not_deletable" 422 "The account would take an address that another account has" "Change the address first."
    ManualLinkingDisabled "manual_linking_disabled" 404 "Identities cannot be linked here" "Set auth.manual_linking = true."
    FactorNotFound "mfa_factor_not_found" 404 "No such factor" "List them at /auth/v1/user."
    FactorNameConflict "mfa_factor_name_conflict" 422 "Another factor has this name" "Choose another friendly_name."
    TooManyFactors "too_many_enrolled_mfa_factors" 422 "The account has as many factors as it may" "Remove one first."
    MfaVerificationFailed "mfa_verification_failed" 422 "The code is wrong" "Send the code that the device shows now."
    MfaVerificationRejected "mfa_verification_rejected" 422 "The verification was refused" "Try again later."
    MfaChallengeExpired "mfa_challenge_expired" 422 "The challenge is over" "Make another."
    MfaAddressMismatch "mfa_ip_address_mismatch" 422 "The challenge was used or made elsewhere" "Make another."
    TotpEnrollOff "mfa_totp_enroll_not_enabled" 422 "Codes of an authenticator are switched off" "Use another factor."
    WebauthnEnrollOff "mfa_webauthn_enroll_not_enabled" 422 "Security keys are switched off" "Use another factor."
    PhoneEnrollOff "mfa_phone_enroll_not_enabled" 422 "Phone numbers are no factor here" "Use an authenticator or a passkey."
    WebauthnCredential "webauthn_credential_not_found" 400 "No such passkey" "Register it first."
    WebauthnVerification "webauthn_verification_failed" 400 "The passkey's answer does not hold" "Try again in the same browser."
    OverRequestRate "over_request_rate_limit" 429 "Too many requests" "Wait the seconds of Retry-After."
    OverEmailRate "over_email_send_rate_limit" 429 "Too many mails" "Wait the seconds of Retry-After."
    CaptchaFailed "captcha_failed" 400 "The captcha was not passed" "Try again."
    FeatureDisabled "feature_disabled" 422 "This is not served here" "The message says why."
    Conflict "conflict" 409 "The request met another one" "Try again."
    UnexpectedFailure "unexpected_failure" 500 "Something went wrong on our side" "Report it with the request id."
    // OAuth 2, as its specifications name them.
    OauthInvalidRequest "invalid_request" 400 "The OAuth request is malformed" "Mend what the description names."
    OauthInvalidClient "invalid_client" 401 "The application cannot be authenticated" "Check the client id and the secret."
    OauthInvalidGrant "invalid_grant" 400 "The code or token is wrong, used or over" "Begin the authorisation again."
    OauthInvalidScope "invalid_scope" 400 "No such scope for this application" "Ask for scopes that the application is registered for."
    OauthUnauthorizedClient "unauthorized_client" 400 "The application may not use this grant" "Register it for the grant."
    OauthUnsupportedGrant "unsupported_grant_type" 400 "No such grant type" "Use authorization_code, refresh_token or client_credentials."
    OauthClientNotFound "oauth_client_not_found" 404 "No such application" "List them at /auth/v1/admin/oauth/clients."
    OauthAuthorizationNotFound "oauth_authorization_not_found" 404 "No such request of an application waits" "Begin again in the application."
    OauthAccessDenied "access_denied" 403 "The person refused" "Ask again, for less."
    Overloaded "BIS-601" 503 "The server has more to do than it can queue" "Try again after the seconds of Retry-After."
    Draining "BIS-602" 503 "The server is stopping" "Try again after the seconds of Retry-After."
    RequestTimeout "BIS-604" 504 "The request took too long" "Ask for less at once, or raise limits.request."
    CommitUnknown "BIS-603" 503 "The commit's result is unknown" "Read before you repeat the write."
    Unsupported "BIS-501" 400 "The store of this model cannot do this" "The message names what it can do."
    Bug "BIS-900" 500 "A mistake of ours" "Report it with the request id."
}

impl Code {
    /// The row whose wire text is `text`.
    pub fn from_text(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|c| c.text() == text)
    }

    /// The word in `extensions.code` of a GraphQL error, in the vocabulary that its clients know.
    pub const fn graphql(self) -> &'static str {
        match self {
            Code::GraphqlSyntax => "GRAPHQL_PARSE_FAILED",
            Code::GraphqlInvalid => "GRAPHQL_VALIDATION_FAILED",
            Code::PersistedNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Code::PersistedOff => "PERSISTED_QUERY_NOT_SUPPORTED",
            Code::NotTrusted => "NOT_TRUSTED",
            Code::OperationName => "OPERATION_RESOLUTION_FAILURE",
            Code::IntrospectionOff => "INTROSPECTION_DISABLED",
            Code::TooComplex => "OPERATION_TOO_COMPLEX",
            Code::Forbidden => "FORBIDDEN",
            Code::BadRequest | Code::Body | Code::ContentType | Code::MediaType | Code::Method => {
                "BAD_REQUEST"
            }
            code => match code.status() {
                401 => "UNAUTHENTICATED",
                403 => "FORBIDDEN",
                404 => "NOT_FOUND",
                409 => "CONFLICT",
                503 | 504 | 507 => "SERVICE_UNAVAILABLE",
                500 => "INTERNAL_SERVER_ERROR",
                _ => "BAD_USER_INPUT",
            },
        }
    }

    /// The word for a SOAP fault's subcode, and the kind in its detail.
    pub const fn soap(self) -> &'static str {
        match self {
            Code::SoapVersion => "VersionMismatch",
            Code::SoapHeader => "MustUnderstand",
            Code::SecurityHeader => "InvalidSecurity",
            Code::SecurityToken => "UnsupportedSecurityToken",
            Code::SecurityExpired => "MessageExpired",
            Code::InvalidCredentials | Code::UserBanned | Code::EmailNotConfirmed => "FailedAuthentication",
            Code::TooComplex => "TooComplex",
            Code::Forbidden => "Forbidden",
            code => match code.status() {
                401 => "Unauthenticated",
                403 => "Forbidden",
                404 => "NotFound",
                409 => "Conflict",
                413 => "TooLarge",
                429 => "TooManyRequests",
                503 | 504 | 507 => "Unavailable",
                500 => "Internal",
                _ => "BadRequest",
            },
        }
    }

    /// The text that clients see; [`Code::UnknownRole`] shares PostgreSQL's code with another row.
    pub fn wire_text(self) -> &'static str {
        self.text().trim_end_matches('R')
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn no_two_rows_share_a_code() {
        for (i, a) in Code::ALL.iter().enumerate() {
            assert!(Code::ALL[i + 1..].iter().all(|b| a.text() != b.text()), "{} twice", a.text());
            assert!((200..600).contains(&a.status()), "{} has status {}", a.text(), a.status());
            assert!(!a.mend().is_empty() && !a.title().is_empty());
        }
    }
}
