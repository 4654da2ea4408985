//! SCRAM (RFC 5802, RFC 7677): proves that both sides know the password without sending it. No channel binding, as in Kafka.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};

/// A server that asks for more would hold thousands of producers up; Kafka itself allows no more than this.
const MOST_ITERATIONS: u32 = 16_384;

/// The hash that a mechanism is named after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SCRAM-SHA-256.
    Sha256,
    /// SCRAM-SHA-512.
    Sha512,
}

impl Hash {
    const fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }

    const fn hmac(self) -> hmac::Algorithm {
        match self {
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha512 => hmac::HMAC_SHA512,
        }
    }

    const fn digest(self) -> &'static digest::Algorithm {
        match self {
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha512 => &digest::SHA512,
        }
    }
}

/// One login on its way.
#[derive(Debug)]
pub struct Scram {
    hash: Hash,
    first_bare: String,
    nonce: String,
}

impl Scram {
    /// With a nonce of its own.
    pub fn new(hash: Hash, user: &str) -> Self {
        let mut bytes = [0_u8; 18];
        // Without randomness a nonce of zeros is still a login that the server's own nonce makes unique.
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes).ok();
        Scram::with_nonce(hash, user, &STANDARD.encode(bytes))
    }

    fn with_nonce(hash: Hash, user: &str, nonce: &str) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        Scram { hash, first_bare: format!("n={user},r={nonce}"), nonce: nonce.to_owned() }
    }

    /// What the client says first.
    pub fn first(&self) -> String {
        format!("n,,{}", self.first_bare)
    }

    /// What the client says to the server's challenge, and what the server must then say.
    pub fn prove(&self, challenge: &str, password: &str) -> Result<(String, String), String> {
        let part = |name: &str| challenge.split(',').find_map(|part| part.strip_prefix(name));
        let (Some(nonce), Some(salt), Some(iterations)) = (part("r="), part("s="), part("i=")) else {
            return Err("the broker's SCRAM challenge cannot be read".to_owned());
        };
        let iterations: u32 = iterations.parse().unwrap_or(0);
        let (Ok(salt), 1..=MOST_ITERATIONS) = (STANDARD.decode(salt), iterations) else {
            return Err(format!("the broker's SCRAM challenge asks for {iterations} iterations"));
        };
        if !nonce.starts_with(&self.nonce) {
            return Err("the broker's SCRAM challenge answers somebody else".to_owned());
        }
        let salted = salted(self.hash, password, &salt, iterations);
        let sign = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(self.hash.hmac(), key), text);
        let client_key = sign(&salted, b"Client Key");
        let stored_key = digest::digest(self.hash.digest(), client_key.as_ref());
        let without_proof = format!("c=biws,r={nonce}");
        let signed = format!("{},{challenge},{without_proof}", self.first_bare);
        let signature = sign(stored_key.as_ref(), signed.as_bytes());
        let proof: Vec<u8> =
            client_key.as_ref().iter().zip(signature.as_ref()).map(|(key, sign)| key ^ sign).collect();
        let server_key = sign(&salted, b"Server Key");
        let verdict = sign(server_key.as_ref(), signed.as_bytes());
        Ok((
            format!("{without_proof},p={}", STANDARD.encode(proof)),
            format!("v={}", STANDARD.encode(verdict)),
        ))
    }
}

/// What was salted last: thousands of producers log in as one user, and RFC 5802 §5.1 lets a client remember.
static LAST: Mutex<Option<(Vec<u8>, Vec<u8>)>> = Mutex::new(None);

fn salted(hash: Hash, password: &str, salt: &[u8], iterations: u32) -> Vec<u8> {
    let mut asked = vec![hash as u8];
    asked.extend_from_slice(&iterations.to_be_bytes());
    asked.extend_from_slice(salt);
    asked.extend_from_slice(password.as_bytes());
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, known)) = last.as_ref().filter(|(of, _)| *of == asked) {
        return known.clone();
    }
    let mut salted = vec![0; hash.digest().output_len()];
    let iterations = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
    pbkdf2::derive(hash.pbkdf2(), iterations, salt, password.as_bytes(), &mut salted);
    *last = Some((asked, salted.clone()));
    salted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exchange_of_rfc_7677_is_reproduced() {
        let scram = Scram::with_nonce(Hash::Sha256, "user", "rOprNGfwEbeRWgbNEkqO");
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let challenge =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let (proof, verdict) = scram.prove(challenge, "pencil").unwrap();
        assert_eq!(
            proof,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert_eq!(verdict, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn a_challenge_that_is_none_or_answers_somebody_else_is_refused() {
        let scram = Scram::with_nonce(Hash::Sha512, "a,b=c", "abc");
        assert_eq!(scram.first(), "n,,n=a=2Cb=3Dc,r=abc");
        for challenge in
            ["", "r=abcd,s=AAAA,i=0", "r=abcd,s=AAAA,i=99999999", "r=xyz,s=AAAA,i=4096", "r=abcd,s=*,i=1"]
        {
            assert!(scram.prove(challenge, "pencil").is_err(), "{challenge}");
        }
        assert!(scram.prove("r=abcd,s=AAAA,i=4096", "pencil").is_ok());
    }
}
