package import Crypto

/// Claims as a token: compact, signed, fit for a path.
///
/// base64url of: version (1 byte, 1), purpose (1), key id (4), expiry (4, seconds since 1970 UTC),
/// fields (tag, length, UTF-8; tags rise; a length from 128 on takes two bytes, the first with its
/// high bit set), and the first 16 bytes of HMAC-SHA256 over all of it. Integers are big-endian.
/// Source: RFC 2104 (a MAC may be cut to half), schemas/wire.md.
package enum TokenCodec {
    /// Longer ones aren't looked at. Mail programs and proxies cut longer addresses anyway.
    package static let maximumCharacters = 4_000
    static let version: UInt8 = 1
    static let headBytes = 10
    static let tagBytes = 16

    /// nil: the claims take more than a token may have.
    package static func encode(_ claims: Claims, key: LinkKey) -> String? {
        var bytes: [UInt8] = [version, claims.purpose.rawValue]
        bytes += bigEndian(key.id) + bigEndian(claims.expires)
        for tag in Claims.siteTag...Claims.lastTag {
            if let text = claims[tag] { put(tag, text, &bytes) }
        }
        guard (bytes.count + tagBytes) * 4 <= maximumCharacters * 3 else { return nil }
        return Base64URL.encode(bytes + signature(bytes[...], key))
    }

    /// Says what a token claims, once it has been proved to be ours, for this purpose and of now.
    ///
    /// - Parameter now: seconds since 1970 UTC.
    package static func decode(
        _ token: [UInt8], purpose: Purpose, keys: Keyring, now: Int64
    ) throws(LinkRefusal) -> Claims {
        guard token.count <= maximumCharacters, let bytes = Base64URL.decode(token),
            bytes.count >= headBytes + tagBytes, bytes[0] == version
        else { throw .malformed }
        guard let key = keys.key(id: number(bytes[2..<6])) else { throw .unknownKey }
        let signed = bytes.dropLast(tagBytes)
        guard areEqual(signature(signed, key), bytes.suffix(tagBytes)) else {
            throw .changed
        }
        guard bytes[1] == purpose.rawValue else { throw .otherPurpose }
        let expires = number(bytes[6..<10])
        guard now < Int64(expires) else { throw .expired }
        let claims = try fields(signed.dropFirst(headBytes), purpose, expires)
        if purpose == .click {
            guard let target = claims.target, LinkTarget.isSound(target) else { throw .badTarget }
        }
        return claims
    }

    // MARK: Signature

    static func signature(_ bytes: ArraySlice<UInt8>, _ key: LinkKey) -> [UInt8] {
        var mac = key.begun
        bytes.withUnsafeBytes { mac.update(data: $0) }
        return mac.finalize().withUnsafeBytes { Array($0.prefix(tagBytes)) }
    }

    /// Looks at every byte whatever the outcome: the time taken says nothing of the right one.
    private static func areEqual(_ ours: [UInt8], _ given: ArraySlice<UInt8>) -> Bool {
        guard ours.count == given.count else { return false }
        var difference: UInt8 = 0
        for (a, b) in zip(ours, given) { difference |= a ^ b }
        return difference == 0
    }

    // MARK: Fields

    private static func put(_ tag: UInt8, _ text: String, _ bytes: inout [UInt8]) {
        let count = text.utf8.count
        bytes.append(tag)
        if count >= 128 { bytes.append(0x80 | UInt8(truncatingIfNeeded: count >> 8)) }
        bytes.append(UInt8(truncatingIfNeeded: count))
        bytes += text.utf8
    }

    /// Signed bytes are ours; they are taken apart with care all the same.
    private static func fields(
        _ bytes: ArraySlice<UInt8>, _ purpose: Purpose, _ expires: UInt32
    ) throws(LinkRefusal) -> Claims {
        var claims = Claims(purpose: purpose, site: "", expires: expires)
        var rest = bytes
        var last: UInt8 = 0
        while let tag = rest.popFirst() {
            guard tag > last, tag <= Claims.lastTag, var count = rest.popFirst().map(Int.init)
            else { throw .malformed }
            last = tag
            if count >= 128 {
                guard let low = rest.popFirst() else { throw .malformed }
                count = (count & 0x7f) << 8 | Int(low)
            }
            guard count > 0, rest.count >= count,
                let text = String(validating: rest.prefix(count), as: UTF8.self)
            else { throw .malformed }
            rest = rest.dropFirst(count)
            claims[tag] = text
        }
        guard !claims.site.isEmpty else { throw .malformed }
        return claims
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
