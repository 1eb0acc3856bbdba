// Properties that RapidCheck's hundred cases are too few for.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <sstream>
#include <string>

namespace makegood::testing {

// Runs the property with ten times as many cases as are configured, and fails the test with what falsified
// it. The same seed gives each test cases of its own.
inline void CheckThousands(void (*property)()) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess *= 10;
  params.seed += std::hash<std::string>()(::testing::UnitTest::GetInstance()->current_test_info()->name());
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), params);
  if (result.is<rc::detail::SuccessResult>()) return;
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  FAIL() << text.str();
}

}  // namespace makegood::testing
