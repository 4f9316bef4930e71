package import CivilTime
internal import Glibc

/// Time zones from the system's tzdata.
package enum ZoneFiles {
  /// Reads a zone by its IANA name from `$TZDIR`, where that is set and not empty, or from
  /// `/usr/share/zoneinfo`.
  /// - Throws: ``PlatformError`` `ZONE_UNKNOWN`.
  package static func load(_ name: String) throws(PlatformError) -> Zone {
    let named = unsafe getenv("TZDIR").map { unsafe String(cString: $0) } ?? ""
    return try load(name, from: named.isEmpty ? installed : named)
  }

  /// Reads a zone by its IANA name from `/usr/share/zoneinfo`, whatever `$TZDIR` says; on a machine
  /// without it as ``load(_:)``.
  /// - Throws: ``PlatformError`` `ZONE_UNKNOWN`.
  package static func loadInstalled(_ name: String) throws(PlatformError) -> Zone {
    Files.exists(installed) ? try load(name, from: installed) : try load(name)
  }

  private static let installed = "/usr/share/zoneinfo"

  private static func load(_ name: String, from folder: String) throws(PlatformError) -> Zone {
    guard Zone.isValidName(name) else {
      throw PlatformError(.zoneUnknown, "\(name.prefix(64)) is no name of a time zone")
    }
    if name == "UTC" { return .utc }
    let path = "\(folder)/\(name)"
    let bytes: [UInt8]
    do throws(PlatformError) {
      bytes = try Files.read(path, maximum: 1 << 20, regular: true)
    } catch {
      guard error.code == .notFound else {
        throw PlatformError(.zoneUnknown, "time zone \(name): \(error.message)")
      }
      throw PlatformError(
        .zoneUnknown,
        "time zone \(name) is not on this machine (\(path)): install the tzdata package")
    }
    do throws(ZoneError) {
      return try Zone(name: name, tzif: bytes)
    } catch {
      throw PlatformError(.zoneUnknown, "\(path) cannot be read as a time zone: \(error)")
    }
  }

  /// The zone of this machine whose name differs in capitals alone; nil where there is none.
  package static func alike(_ name: String) -> String? {
    guard Zone.isValidName(name) else { return nil }
    var found: [String] = []
    for part in name.split(separator: "/") {
      let place = ([folder] + found).joined(separator: "/")
      let names = (try? Files.names(in: place)) ?? []
      guard let match = names.first(where: { $0.lowercased() == part.lowercased() }) else {
        return nil
      }
      found.append(match)
    }
    let other = found.joined(separator: "/")
    return other != name && (try? load(other)) != nil ? other : nil
  }

  /// Whether this machine has the database at all.
  package static var isInstalled: Bool { Files.exists("\(folder)/Asia/Shanghai") }

  private static var folder: String {
    let named = unsafe getenv("TZDIR").map { unsafe String(cString: $0) } ?? ""
    return named.isEmpty ? "/usr/share/zoneinfo" : named
  }
}
