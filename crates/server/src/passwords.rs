//! Passwords of links: argon2id, a few at a time, because each takes memory and a core for a moment.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use hopline_domain::{entropy::Entropy, short_link::LinkSecret};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Hashes under way at once; each takes 19 MiB and about 20 ms.
const HASHES_MAX: usize = 2;
/// RFC 9106 §4 recommends 16.
const SALT_BYTES: usize = 16;

/// Places for hashing; those who find none wait their turn.
#[derive(Debug)]
pub(crate) struct Passwords(Semaphore);

impl Default for Passwords {
    fn default() -> Self {
        Self(Semaphore::new(HASHES_MAX))
    }
}

impl Passwords {
    pub(crate) async fn hash(&self, password: String, entropy: &dyn Entropy) -> Result<LinkSecret, Problem> {
        let mut salt = [0; SALT_BYTES];
        entropy.fill(&mut salt);
        let _place = self.0.acquire().await.map_err(|_| Problem::internal())?;
        let hashed = tokio::task::spawn_blocking(move || hashed(&password, salt)).await;
        hashed.ok().flatten().ok_or_else(Problem::internal)
    }
}

impl Passwords {
    /// Whether the password is the one that was hashed.
    pub(crate) async fn verify(
        &self,
        password: String,
        LinkSecret(hash): LinkSecret,
    ) -> Result<bool, Problem> {
        let _place = self.0.acquire().await.map_err(|_| Problem::internal())?;
        let verified = tokio::task::spawn_blocking(move || verified(&password, &hash)).await;
        verified.map_err(|_| Problem::internal())
    }
}

fn verified(password: &str, hash: &str) -> bool {
    Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

fn hashed(password: &str, salt: [u8; SALT_BYTES]) -> Option<LinkSecret> {
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hash.inspect_err(|error| tracing::error!(%error, "a password can't be hashed"))
        .ok()
        .map(|hash| LinkSecret(hash.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_verifies() {
        let LinkSecret(hash) = hashed("correct horse", [7; SALT_BYTES]).unwrap();
        assert!(verified("correct horse", &hash));
        assert!(
            !verified("correct hose", &hash) && !verified("", &hash) && !verified("correct horse", "plain")
        );
    }

    #[test]
    fn a_hash_says_its_parameters_and_hides_the_password() {
        let LinkSecret(hash) = hashed("correct horse", [7; SALT_BYTES]).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(!hash.contains("horse"));
        assert_ne!(hashed("correct horse", [8; SALT_BYTES]).unwrap().0, hash, "the salt counts");
        assert_ne!(hashed("correct hose", [7; SALT_BYTES]).unwrap().0, hash);
    }
}
