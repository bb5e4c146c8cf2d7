<?xml version="1.0" encoding="UTF-8"?>
<!--
  What the pack is: period, coverage and what is not covered, how many rows of
  what, who must sign, what is kept for how long.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>

<xsl:template name="fact">
 <xsl:param name="key"/>
 <xsl:param name="value"/>
 <dt><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></dt>
 <dd><xsl:copy-of select="$value"/></dd>
</xsl:template>

<xsl:template name="heading">
 <xsl:param name="key"/>
 <h2><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></h2>
</xsl:template>

<xsl:template match="ev:input" mode="body">
 <xsl:apply-templates select="ev:manifest" mode="cover"/>
 <xsl:apply-templates select="ev:manifest/ev:coverage" mode="body"/>
 <xsl:call-template name="totals"/>
 <xsl:call-template name="signers"/>
 <xsl:call-template name="retention"/>
</xsl:template>

<xsl:template match="ev:manifest" mode="cover">
 <h1><xsl:call-template name="t"><xsl:with-param name="key">index.title</xsl:with-param></xsl:call-template></h1>
 <p class="period"><xsl:call-template name="period"/></p>
 <dl class="facts">
  <xsl:call-template name="fact"><xsl:with-param name="key">pack</xsl:with-param><xsl:with-param name="value"><xsl:value-of select="@sequence"/></xsl:with-param></xsl:call-template>
  <xsl:call-template name="fact"><xsl:with-param name="key">index.kind</xsl:with-param><xsl:with-param name="value"><xsl:call-template name="t"><xsl:with-param name="key" select="concat('packKind.', @kind)"/></xsl:call-template></xsl:with-param></xsl:call-template>
  <xsl:for-each select="ev:scope">
   <xsl:call-template name="fact">
    <xsl:with-param name="key">index.scope</xsl:with-param>
    <xsl:with-param name="value">
     <xsl:call-template name="t"><xsl:with-param name="key" select="concat('scope.', @what)"/></xsl:call-template>
     <xsl:text> </xsl:text>
     <bdi><xsl:value-of select="@value"/></bdi>
    </xsl:with-param>
   </xsl:call-template>
  </xsl:for-each>
  <xsl:call-template name="fact"><xsl:with-param name="key">index.state</xsl:with-param><xsl:with-param name="value"><xsl:call-template name="date"><xsl:with-param name="at" select="ev:state/@at"/></xsl:call-template></xsl:with-param></xsl:call-template>
  <xsl:call-template name="fact"><xsl:with-param name="key">index.checked</xsl:with-param><xsl:with-param name="value"><xsl:call-template name="date"><xsl:with-param name="at" select="ev:state/@checked"/></xsl:call-template></xsl:with-param></xsl:call-template>
  <xsl:call-template name="fact"><xsl:with-param name="key">index.profile</xsl:with-param><xsl:with-param name="value"><bdi><xsl:value-of select="ev:state/@profile"/></bdi></xsl:with-param></xsl:call-template>
  <xsl:call-template name="fact"><xsl:with-param name="key">index.made</xsl:with-param><xsl:with-param name="value"><xsl:call-template name="date"><xsl:with-param name="at" select="@made"/></xsl:call-template></xsl:with-param></xsl:call-template>
  <xsl:call-template name="fact"><xsl:with-param name="key">index.program</xsl:with-param><xsl:with-param name="value"><xsl:value-of select="@program"/></xsl:with-param></xsl:call-template>
  <xsl:call-template name="fact"><xsl:with-param name="key">index.digest</xsl:with-param><xsl:with-param name="value"><span class="code"><xsl:value-of select="/ev:input/@digest"/></span></xsl:with-param></xsl:call-template>
  <xsl:call-template name="fact">
   <xsl:with-param name="key">index.previous</xsl:with-param>
   <xsl:with-param name="value">
    <xsl:choose>
     <xsl:when test="@previous"><span class="code"><xsl:value-of select="@previous"/></span></xsl:when>
     <xsl:otherwise><xsl:call-template name="t"><xsl:with-param name="key">index.first</xsl:with-param></xsl:call-template></xsl:otherwise>
    </xsl:choose>
   </xsl:with-param>
  </xsl:call-template>
 </dl>
</xsl:template>

<xsl:template match="ev:coverage" mode="body">
 <xsl:variable name="rows" select="/ev:input/ev:rows[@class = 'coverage']"/>
 <section>
  <xsl:call-template name="heading"><xsl:with-param name="key">index.coverage</xsl:with-param></xsl:call-template>
  <p>
   <xsl:call-template name="count"><xsl:with-param name="value" select="@places"/></xsl:call-template>
   <xsl:text> </xsl:text>
   <xsl:call-template name="t"><xsl:with-param name="key">index.covered</xsl:with-param></xsl:call-template>
   <xsl:text> </xsl:text>
   <strong><xsl:call-template name="count"><xsl:with-param name="value" select="@covered"/></xsl:call-template></strong>
  </p>
  <xsl:choose>
   <xsl:when test="not($rows/*) and @covered = @places">
    <p class="nothing"><xsl:call-template name="t"><xsl:with-param name="key">index.all-covered</xsl:with-param></xsl:call-template></p>
   </xsl:when>
   <xsl:otherwise>
    <xsl:variable name="caption"><xsl:call-template name="t"><xsl:with-param name="key">index.not-covered</xsl:with-param></xsl:call-template></xsl:variable>
    <xsl:call-template name="table">
     <xsl:with-param name="class">coverage</xsl:with-param>
     <xsl:with-param name="columns">source name host core at reason</xsl:with-param>
     <xsl:with-param name="rows" select="$rows/*"/>
     <xsl:with-param name="caption" select="string($caption)"/>
    </xsl:call-template>
    <xsl:call-template name="fewer"><xsl:with-param name="rows" select="$rows"/></xsl:call-template>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<xsl:template name="word-head">
 <xsl:param name="key"/>
 <xsl:param name="kind"/>
 <th scope="col"><xsl:if test="$kind"><xsl:attribute name="class"><xsl:value-of select="$kind"/></xsl:attribute></xsl:if><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></th>
</xsl:template>

<xsl:template name="totals">
 <section>
  <xsl:call-template name="heading"><xsl:with-param name="key">index.totals</xsl:with-param></xsl:call-template>
  <div class="scroll" tabindex="0" role="region">
   <xsl:attribute name="aria-label"><xsl:call-template name="t"><xsl:with-param name="key">index.totals</xsl:with-param></xsl:call-template></xsl:attribute>
   <table>
    <thead><tr>
     <xsl:call-template name="word-head"><xsl:with-param name="key">index.class</xsl:with-param></xsl:call-template>
     <xsl:call-template name="word-head"><xsl:with-param name="key">index.rows</xsl:with-param><xsl:with-param name="kind">number</xsl:with-param></xsl:call-template>
     <xsl:call-template name="word-head"><xsl:with-param name="key">index.total</xsl:with-param><xsl:with-param name="kind">number</xsl:with-param></xsl:call-template>
     <xsl:call-template name="word-head"><xsl:with-param name="key">index.tables</xsl:with-param></xsl:call-template>
     <xsl:call-template name="word-head"><xsl:with-param name="key">index.withheld</xsl:with-param></xsl:call-template>
    </tr></thead>
    <tbody><xsl:apply-templates select="ev:manifest/ev:class" mode="totals"/></tbody>
   </table>
  </div>
  <xsl:if test="ev:summary/ev:tally[@truncated = 'true']">
   <p class="caution">
    <xsl:call-template name="t"><xsl:with-param name="key">index.truncated</xsl:with-param></xsl:call-template>
    <xsl:for-each select="ev:summary/ev:tally[@truncated = 'true']"><xsl:text> </xsl:text><span class="code"><xsl:value-of select="@id"/></span></xsl:for-each>
   </p>
  </xsl:if>
 </section>
</xsl:template>

<xsl:template match="ev:class" mode="totals">
 <tr>
  <th scope="row"><xsl:call-template name="title"><xsl:with-param name="class" select="@name"/></xsl:call-template></th>
  <td class="number"><xsl:call-template name="rows-figure"><xsl:with-param name="class" select="@name"/></xsl:call-template></td>
  <td class="number"><xsl:call-template name="count"><xsl:with-param name="value" select="@total"/></xsl:call-template></td>
  <td class="short">
   <xsl:if test="@rows &gt; 0">
    <a href="{/ev:input/@root}../tables/{@name}.csv">CSV</a>
    <xsl:text> </xsl:text>
    <a href="{/ev:input/@root}../tables/{@name}.json">JSON</a>
    <xsl:if test="@rows &lt;= 1048575"><xsl:text> </xsl:text><a href="{/ev:input/@root}../tables/{@name}.xlsx">XLSX</a></xsl:if>
   </xsl:if>
  </td>
  <td><bdi><xsl:value-of select="@withheld"/></bdi></td>
 </tr>
</xsl:template>

<xsl:template name="signers">
 <xsl:variable name="rows" select="ev:rows[@class = 'signer']"/>
 <section>
  <xsl:call-template name="heading"><xsl:with-param name="key">index.signers</xsl:with-param></xsl:call-template>
  <xsl:choose>
   <xsl:when test="ev:manifest/ev:signer">
    <ul class="signatures">
     <xsl:for-each select="ev:manifest/ev:signer">
      <li>
       <span class="space"/>
       <bdi><xsl:value-of select="@name"/></bdi>
       <xsl:if test="@certificate"><br/><span class="code"><xsl:value-of select="@certificate"/></span></xsl:if>
      </li>
     </xsl:for-each>
    </ul>
   </xsl:when>
   <xsl:otherwise><p class="nothing"><xsl:call-template name="t"><xsl:with-param name="key">index.no-signers</xsl:with-param></xsl:call-template></p></xsl:otherwise>
  </xsl:choose>
  <xsl:if test="$rows/*">
   <xsl:variable name="caption"><xsl:call-template name="t"><xsl:with-param name="key">index.enrolled</xsl:with-param></xsl:call-template></xsl:variable>
   <xsl:call-template name="table">
    <xsl:with-param name="class">signer</xsl:with-param>
    <xsl:with-param name="columns">name employee role fingerprint ended</xsl:with-param>
    <xsl:with-param name="rows" select="$rows/*"/>
    <xsl:with-param name="caption" select="string($caption)"/>
   </xsl:call-template>
  </xsl:if>
 </section>
</xsl:template>

<xsl:template name="retention">
 <xsl:variable name="kinds" select="ev:manifest/ev:retention"/>
 <section>
  <xsl:call-template name="heading"><xsl:with-param name="key">index.retention</xsl:with-param></xsl:call-template>
  <xsl:if test="$kinds">
   <div class="scroll" tabindex="0" role="region">
    <xsl:attribute name="aria-label"><xsl:call-template name="t"><xsl:with-param name="key">index.retention</xsl:with-param></xsl:call-template></xsl:attribute>
    <table>
     <thead><tr>
      <xsl:call-template name="word-head"><xsl:with-param name="key">index.retention-kind</xsl:with-param></xsl:call-template>
      <xsl:call-template name="word-head"><xsl:with-param name="key">index.retention-months</xsl:with-param><xsl:with-param name="kind">number</xsl:with-param></xsl:call-template>
      <xsl:call-template name="word-head"><xsl:with-param name="key">index.retention-oldest</xsl:with-param></xsl:call-template>
      <xsl:call-template name="word-head"><xsl:with-param name="key">index.retention-purged</xsl:with-param></xsl:call-template>
     </tr></thead>
     <tbody>
      <xsl:for-each select="$kinds">
       <tr>
        <th scope="row"><xsl:call-template name="t"><xsl:with-param name="key" select="concat('retention.kind.', @kind)"/></xsl:call-template></th>
        <td class="number"><xsl:value-of select="@months"/></td>
        <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@oldest"/></xsl:call-template></td>
        <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@purged"/></xsl:call-template></td>
       </tr>
      </xsl:for-each>
     </tbody>
    </table>
   </div>
  </xsl:if>
  <xsl:if test="not($kinds/@purged)"><p><xsl:call-template name="t"><xsl:with-param name="key">index.not-purged</xsl:with-param></xsl:call-template></p></xsl:if>
 </section>
</xsl:template>
</xsl:stylesheet>
