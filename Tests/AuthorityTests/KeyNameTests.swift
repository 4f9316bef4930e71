@testable import Authority
import Libcrypto
import LibcryptoIssuing
import Sealing
import Testing

/// Names of keys on a command line.
@Suite struct KeyNameTests {
  @Test func `a key is made again until its name begins with a letter or digit`() throws {
    var names: [String] = []
    var awkward = 0
    // One name in 32 begins with a hyphen or an underscore; three are waited for.
    while awkward < 3 {
      let key = try VendorKey.plainlyNamed { () throws(LibcryptoError) in
        let key = try VendorKey.generate(.edDSA)
        names.append(key.thumbprint.text)
        return key
      }
      #expect(key.thumbprint.text == names.last)
      for name in names {
        let first = try #require(name.first)
        let isPlain = first.isLetter || first.isNumber
        #expect(isPlain == (name == names.last), "\(names)")
        awkward += isPlain ? 0 : 1
      }
      names = []
    }
  }
}
