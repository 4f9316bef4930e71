extension Revocations {
  /// The first license that an earlier document revokes and this one does not, nil where there is none.
  ///
  /// A document that leaves one out was made from an old copy of the vendor's registry.
  package func omission(from earlier: Revocations) -> LicenseID? {
    let named = Set(revoked.map(\.jti))
    return earlier.revoked.first { !named.contains($0.jti) }?.jti
  }
}
