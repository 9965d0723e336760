/// What one sender may ask of intake. Bytes and seconds.
package struct IntakeLimits: Sendable {
    package var lineBytes = 64 << 10
    package var datagramBytes = 65_507
    package var bodyBytes = 1 << 20
    package var inflatedBodyBytes = 8 << 20
    package var headerBytes = 16 << 10
    package var connections = 10_000
    /// Of one address; 0: any number.
    package var connectionsPerAddress = 1_000
    /// 0: any number.
    package var requestsPerConnection = 10_000
    /// How many bytes a body may become for each that its request sent; 0: any number.
    package var inflateRatio = 100
    package var idleSeconds = 75
    package var requestSeconds = 30
    package var udpReceiveBufferBytes = 32 << 20
    /// What senders together can make intake hold beyond the shares of their connections.
    package var memoryBytes = 64 << 20
    /// What of that may go to connections that speak TLS.
    package var sealedBytes = 32 << 20

    package init() {}
}
