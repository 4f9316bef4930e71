internal import Libcrypto
internal import LibcryptoIssuing
internal import Sealing

extension VendorKey {
  /// Makes a key whose name begins with a letter or a digit: one that begins with a hyphen looks like a
  /// flag on every command line, also on those of other programs.
  /// - Parameter make: makes a key, whatever its name; called until one will do.
  /// - Throws: what `make` throws.
  static func plainlyNamed(
    _ make: () throws(LibcryptoError) -> VendorKey
  ) throws(LibcryptoError) -> VendorKey {
    while true {
      let key = try make()
      if let first = key.thumbprint.text.first, first != "-", first != "_" { return key }
    }
  }
}
