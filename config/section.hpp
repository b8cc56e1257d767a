#pragma once

#include "config/keys.hpp"
#include "config/kinds.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace stravasync {

/// Adds keys of one section to the table of keys. Used by the table only.
template <class Section>
class section {
public:
  section(std::vector<key>& table, std::string name, Section settings::*in)
    : table_{table},
      name_{std::move(name)},
      in_{in} {
  }

  /// @param field A pointer to the member, or a function from the section to
  /// the field.
  template <class Field, class T>
  key& add(std::string name, Field field, kinds::kind<T> as, std::string help) {
    auto in = in_;
    auto& added = table_.emplace_back();
    added.section = name_;
    added.name = std::move(name);
    added.help = std::move(help);
    added.allowed = as.allowed;
    added.form = as.form;
    added.set = [in, field, parse = as.parse](settings& into,
                                              std::string_view text) {
      auto value = parse(text);
      if (!value)
        return value.error();
      std::invoke(field, into.*in) = std::move(*value);
      return caf::error{};
    };
    added.show = [in, field, show = as.show](const settings& from) {
      return show(std::invoke(field, from.*in));
    };
    return added;
  }

private:
  std::vector<key>& table_;
  std::string name_;
  Section settings::*in_;
};

} // namespace stravasync
