internal import Glibc

/// The command line of this process.
package enum ProcessArguments {
  /// The words, the program's name first.
  ///
  /// They are the kernel's copy, from `/proc/self/cmdline`. Swift's own way is to walk back from the
  /// environment, which a library that was loaded before may have moved: then it finds no words, and a
  /// command that was asked would not be heard. It is gone only where the kernel's copy cannot be read,
  /// or is that of a dynamic loader which was called by name.
  package static let all: [String] = kernels ?? CommandLine.arguments

  private static var kernels: [String]? {
    guard let bytes = try? Files.read("/proc/self/cmdline") else { return nil }
    return words(bytes)
  }

  /// The words of a command line as the kernel shows it: each ends with a zero byte.
  /// - Returns: nil for one that has none, or begins with a dynamic loader.
  package static func words(_ bytes: [UInt8]) -> [String]? {
    guard bytes.last == 0 else { return nil }
    let words = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
    guard let name = words.first?.split(separator: UInt8(ascii: "/")).last else { return nil }
    guard !name.starts(with: "ld-".utf8), !name.starts(with: "ld.so".utf8) else { return nil }
    return words.map { String(decoding: $0, as: UTF8.self) }
  }
}
