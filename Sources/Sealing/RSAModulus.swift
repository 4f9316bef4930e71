/// What can be told of an RSA modulus by its number alone.
enum RSAModulus {
  /// The primes that divide the primorial of the weak generator, as far as the smallest keys accepted
  /// here use it; those below 11 tell nothing.
  private static let primes: [UInt64] = (11...701).filter { candidate in
    (2..<candidate).allSatisfy { $0 * $0 > candidate || candidate % $0 != 0 }
  }

  /// Whether the modulus has the form that the faulty key generator of CVE-2017-15361 ("ROCA") gives:
  /// modulo each of the primes it is a power of 65537.
  ///
  /// Any other modulus passes the first few primes by chance and all of them with a probability far
  /// below 2^-100.
  static func hasROCAFingerprint(_ modulus: [UInt8]) -> Bool {
    primes.allSatisfy { prime in
      isPowerOf65537(modulus.reduce(0) { ($0 << 8 | UInt64($1)) % prime }, modulo: prime)
    }
  }

  private static func isPowerOf65537(_ value: UInt64, modulo prime: UInt64) -> Bool {
    var power: UInt64 = 1
    repeat {
      if power == value { return true }
      power = power * 65_537 % prime
    } while power != 1
    return false
  }
}
