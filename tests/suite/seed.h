// Chance that can be repeated.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "absl/strings/numbers.h"

namespace makegood::testing {

// The seed of a test's random choices, which it prints. It is always the same, so that only a change turns
// the tests red; MAKEGOOD_SEED=random draws another one, and MAKEGOOD_SEED=<number> repeats that.
inline uint32_t Seed() {
  uint32_t seed = 1;
  const char* const told = std::getenv("MAKEGOOD_SEED");
  if (told != nullptr && !absl::SimpleAtoi(told, &seed)) seed = std::random_device{}();
  std::printf("MAKEGOOD_SEED=%u\n", seed);
  return seed;
}

}  // namespace makegood::testing
