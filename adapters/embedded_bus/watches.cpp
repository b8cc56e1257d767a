#include "adapters/embedded_bus/storage.hpp"

#include <algorithm>
#include <utility>

namespace stravasync::embedded_bus {

caf::expected<std::uint64_t>
storage::put(const std::string& bucket, const std::string& key,
             const std::string& value, std::uint64_t expected) {
  auto revision = tables_->values.put(bucket, key, value, expected);
  if (revision)
    tell(bucket, {key, value, *revision});
  return revision;
}

bool storage::erase(const std::string& bucket, const std::string& key) {
  auto revision = tables_->values.erase(bucket, key);
  if (revision != 0)
    tell(bucket, {key, std::nullopt, revision});
  return revision != 0;
}

void storage::tell(const std::string& bucket, const key_value_change& change) {
  for (const auto& who : watchers_)
    if (who->bucket == bucket)
      who->changes.push_back(change);
}

void storage::watch(std::shared_ptr<watcher> who) {
  who->changes = tables_->values.all(who->bucket);
  watchers_.push_back(std::move(who));
}

void storage::unwatch(const watcher& who) {
  std::erase_if(watchers_, [&](const auto& w) { return w.get() == &who; });
}

void storage::resume_watchers() {
  if (!watchers_unsure_)
    return;
  for (const auto& who : watchers_)
    resume(*who);
}

void storage::resume(watcher& who) {
  auto& values = tables_->values;
  auto lost = who.told;
  for (auto& now : values.all(who.bucket)) {
    lost.erase(now.key);
    auto told = who.told.find(now.key);
    if (told == who.told.end() || told->second != now.revision)
      who.changes.push_back(std::move(now));
  }
  for (const auto& [key, revision] : lost)
    who.changes.push_back({key, std::nullopt, values.take_revision()});
}

std::vector<outgoing_change> storage::take_changes() {
  std::vector<outgoing_change> result;
  for (const auto& who : watchers_) {
    for (auto& change : who->changes) {
      if (change.value)
        who->told.insert_or_assign(change.key, change.revision);
      else
        who->told.erase(change.key);
      result.push_back({who->out, std::move(change)});
    }
    who->changes.clear();
  }
  return result;
}

void storage::drop_changes() {
  for (const auto& who : watchers_)
    who->changes.clear();
}

} // namespace stravasync::embedded_bus
