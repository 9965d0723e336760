import Glibc

/// ln Γ(x) for x > 0.
func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    // lgamma(3) keeps the sign in a global variable.
    return lgamma_r(x, &sign)
}

/// ln(e^a + e^b), also where either power alone is too large or too small for a Double.
func logSumExp(_ a: Double, _ b: Double) -> Double {
    let larger = max(a, b)
    guard larger > -.infinity else { return larger }
    return larger + log1p(exp(min(a, b) - larger))
}
