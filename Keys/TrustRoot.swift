/// The vendor's root keys, compiled in.
///
/// `root.jwks` holds public keys and a threshold: `{"keys":[JWK…],"threshold":n}`. As shipped it holds
/// none; a vendor puts its own there and builds. Nothing private is ever kept beside it.
package enum TrustRoot {
  /// The bytes of `root.jwks`.
  package static let jwks: [UInt8] = PackageResources.root_jwks
}
