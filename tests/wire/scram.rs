//! Passwords for SCRAM: users of it are made by a request that librdkafka's safe wrapper has not.

use std::num::NonZeroU32;

use kafka_protocol::messages::AlterUserScramCredentialsRequest;
use kafka_protocol::messages::alter_user_scram_credentials_request::ScramCredentialUpsertion;
use kafka_protocol::protocol::StrBytes;
use ring::pbkdf2;

use crate::wire::ask;

const SALT: &[u8] = b"a salt of the test";
const ITERATIONS: u32 = 4096;

/// Lets a user log in by this password, by either hash.
pub fn give_password(servers: &str, user: &'static str, password: &str) {
    let upsertion = |mechanism: i8, algorithm: pbkdf2::Algorithm, length: usize| {
        let mut salted = vec![0; length];
        let iterations = NonZeroU32::new(ITERATIONS).unwrap();
        pbkdf2::derive(algorithm, iterations, SALT, password.as_bytes(), &mut salted);
        ScramCredentialUpsertion::default()
            .with_name(StrBytes::from_static_str(user))
            .with_mechanism(mechanism)
            .with_iterations(ITERATIONS as i32)
            .with_salt(SALT.to_vec().into())
            .with_salted_password(salted.into())
    };
    // A user is altered once in a request.
    for upsertion in
        [upsertion(1, pbkdf2::PBKDF2_HMAC_SHA256, 32), upsertion(2, pbkdf2::PBKDF2_HMAC_SHA512, 64)]
    {
        let request = AlterUserScramCredentialsRequest::default().with_upsertions(vec![upsertion]);
        let answer = ask(servers, 0, &request);
        assert!(answer.results.iter().all(|result| result.error_code == 0), "{answer:?}");
    }
}
