<?xml version="1.0" encoding="UTF-8"?>
<!--
  How pages say a word, a figure and a sentence with figures in it. A figure is
  a cell of a tally, a count of the manifest or an attribute of a row: nothing
  here counts.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">

<xsl:key name="account" match="ev:account" use="@id"/>
<xsl:key name="source" match="ev:source" use="@id"/>
<xsl:key name="right" match="ev:right" use="@id"/>
<xsl:key name="person" match="ev:person" use="@employee"/>

<!-- A word that judges, with its sign: <span class="mark late">逾期</span>. -->
<xsl:template name="mark">
 <xsl:param name="kind"/>
 <xsl:param name="value"/>
 <span class="mark {$value}">
  <xsl:call-template name="t"><xsl:with-param name="key" select="concat($kind, '.', $value)"/></xsl:call-template>
 </span>
</xsl:template>

<!-- A text that anybody wrote, in its own direction; a long one has room. -->
<xsl:template name="text">
 <xsl:param name="value"/>
 <xsl:choose>
  <xsl:when test="string($value) = ''"><span class="none">–</span></xsl:when>
  <xsl:otherwise>
   <bdi>
    <xsl:if test="string-length($value) &gt; 40"><xsl:attribute name="class">room</xsl:attribute></xsl:if>
    <xsl:value-of select="$value"/>
   </bdi>
  </xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- Yes, no, or that it is not recorded. -->
<xsl:template name="flag">
 <xsl:param name="value"/>
 <xsl:call-template name="value"><xsl:with-param name="type">flag</xsl:with-param><xsl:with-param name="value" select="$value"/></xsl:call-template>
</xsl:template>

<!--
  The heading of a column, as evidence.xsd documents it. A column of ids of
  another class is shown by name, and headed by what that is.
-->
<xsl:template name="head">
 <xsl:param name="class"/>
 <xsl:param name="column"/>
 <xsl:variable name="type" select="key('column', concat($class, ' ', $column))/@type"/>
 <th scope="col">
  <xsl:if test="$type = 'count' or $type = 'decimal'"><xsl:attribute name="class">number</xsl:attribute></xsl:if>
  <xsl:choose>
   <xsl:when test="$type = 'id' and key('class', $column)"><xsl:call-template name="title"><xsl:with-param name="class" select="$column"/></xsl:call-template></xsl:when>
   <xsl:otherwise><xsl:call-template name="title"><xsl:with-param name="class" select="$class"/><xsl:with-param name="column" select="$column"/></xsl:call-template></xsl:otherwise>
  </xsl:choose>
 </th>
</xsl:template>

<!-- Headings of several columns, separated by a space. -->
<xsl:template name="heads">
 <xsl:param name="class"/>
 <xsl:param name="columns"/>
 <xsl:if test="$columns != ''">
  <xsl:call-template name="head">
   <xsl:with-param name="class" select="$class"/>
   <xsl:with-param name="column" select="substring-before(concat($columns, ' '), ' ')"/>
  </xsl:call-template>
  <xsl:call-template name="heads">
   <xsl:with-param name="class" select="$class"/>
   <xsl:with-param name="columns" select="substring-after($columns, ' ')"/>
  </xsl:call-template>
 </xsl:if>
</xsl:template>

<!-- A sentence of the catalogue; "{name}" in it is what the page's "slot" says. -->
<xsl:template name="sentence">
 <xsl:param name="text"/>
 <xsl:choose>
  <xsl:when test="contains($text, '{')">
   <xsl:value-of select="substring-before($text, '{')"/>
   <xsl:apply-templates select="/ev:input" mode="slot">
    <xsl:with-param name="name" select="substring-before(substring-after($text, '{'), '}')"/>
   </xsl:apply-templates>
   <xsl:call-template name="sentence">
    <xsl:with-param name="text" select="substring-after($text, '}')"/>
   </xsl:call-template>
  </xsl:when>
  <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>
<xsl:template name="say">
 <xsl:param name="key"/>
 <xsl:variable name="text"><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></xsl:variable>
 <xsl:call-template name="sentence"><xsl:with-param name="text" select="string($text)"/></xsl:call-template>
</xsl:template>

<!-- That a table has only the first of a page's rows. -->
<xsl:template name="first-of">
 <xsl:param name="rows"/>
 <xsl:param name="limit"/>
 <xsl:if test="count($rows) &gt; $limit">
  <p class="caution">
   <xsl:call-template name="number"><xsl:with-param name="value" select="$limit"/></xsl:call-template>
   <xsl:text> / </xsl:text>
   <xsl:call-template name="number"><xsl:with-param name="value" select="count($rows)"/></xsl:call-template>
   <xsl:text> </xsl:text>
   <xsl:call-template name="t"><xsl:with-param name="key">fewer</xsl:with-param></xsl:call-template>
   <xsl:text> </xsl:text>
   <a href="{/ev:input/@root}../tables/{$rows/../@class}.csv"><xsl:value-of select="concat($rows/../@class, '.csv')"/></a>
  </p>
 </xsl:if>
</xsl:template>

<xsl:template name="nothing">
 <xsl:param name="key">nothing</xsl:param>
 <p class="nothing"><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></p>
</xsl:template>

<xsl:template name="word-head">
 <xsl:param name="key"/>
 <xsl:param name="class">number</xsl:param>
 <th scope="col" class="{$class}"><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></th>
</xsl:template>

<!-- Of what has a text in each language. -->
<xsl:template name="either">
 <xsl:param name="english"/>
 <xsl:param name="chinese"/>
 <xsl:choose>
  <xsl:when test="$zh and $chinese != '' or $english = ''"><xsl:call-template name="text"><xsl:with-param name="value" select="$chinese"/></xsl:call-template></xsl:when>
  <xsl:otherwise><xsl:call-template name="text"><xsl:with-param name="value" select="$english"/></xsl:call-template></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- A number of the row, or that there is none. -->
<xsl:template name="number">
 <xsl:param name="value"/>
 <xsl:call-template name="value"><xsl:with-param name="type">count</xsl:with-param><xsl:with-param name="value" select="$value"/></xsl:call-template>
</xsl:template>

<!-- The word of a key, or, where there is none, the text as it is. -->
<xsl:template name="word-or">
 <xsl:param name="key"/>
 <xsl:param name="text"/>
 <xsl:choose>
  <xsl:when test="key('word', $key)"><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></xsl:when>
  <xsl:otherwise><bdi><xsl:value-of select="$text"/></bdi></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- Why something is incomplete: a word, or what a server said. -->
<xsl:template name="reason">
 <xsl:choose>
  <xsl:when test="string(@reason) = ''"><span class="none">–</span></xsl:when>
  <xsl:otherwise><xsl:call-template name="word-or"><xsl:with-param name="key" select="concat('reason.', @reason)"/><xsl:with-param name="text" select="@reason"/></xsl:call-template></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- Identifiers separated by a space: none breaks at its hyphen. -->
<xsl:template name="identifiers">
 <xsl:param name="list"/>
 <xsl:if test="$list != ''">
  <span class="short"><xsl:value-of select="substring-before(concat($list, ' '), ' ')"/></span>
  <xsl:text> </xsl:text>
  <xsl:call-template name="identifiers"><xsl:with-param name="list" select="substring-after($list, ' ')"/></xsl:call-template>
 </xsl:if>
</xsl:template>

<!-- The account or source that a row is about, by name where the page has it. -->
<xsl:template name="account">
 <xsl:param name="id" select="@account"/>
 <xsl:variable name="row" select="key('account', $id)"/>
 <xsl:choose>
  <xsl:when test="$row/@name != ''"><xsl:call-template name="text"><xsl:with-param name="value" select="$row/@name"/></xsl:call-template></xsl:when>
  <xsl:when test="@name != ''"><xsl:call-template name="text"><xsl:with-param name="value" select="@name"/></xsl:call-template></xsl:when>
  <xsl:when test="$row"><xsl:call-template name="text"><xsl:with-param name="value" select="$row/@key"/></xsl:call-template></xsl:when>
  <xsl:otherwise><xsl:value-of select="concat('#', $id)"/></xsl:otherwise>
 </xsl:choose>
 <xsl:if test="$row/@host != ''">
  <span class="quiet"><xsl:text> @ </xsl:text><xsl:call-template name="text"><xsl:with-param name="value" select="$row/@host"/></xsl:call-template></span>
 </xsl:if>
</xsl:template>
<xsl:template name="source">
 <xsl:param name="id" select="@source"/>
 <xsl:variable name="row" select="key('source', $id)"/>
 <bdi>
  <xsl:choose>
   <xsl:when test="$row"><xsl:value-of select="$row/@name"/></xsl:when>
   <xsl:when test="@name != ''"><xsl:value-of select="@name"/></xsl:when>
   <xsl:when test="string($id) = ''">–</xsl:when>
   <xsl:otherwise><xsl:value-of select="concat('#', $id)"/></xsl:otherwise>
  </xsl:choose>
 </bdi>
</xsl:template>
<xsl:template name="person">
 <xsl:param name="employee"/>
 <xsl:variable name="row" select="key('person', $employee)"/>
 <xsl:choose>
  <xsl:when test="string($employee) = ''"><span class="none">–</span></xsl:when>
  <xsl:otherwise>
   <bdi><xsl:value-of select="$employee"/></bdi>
   <xsl:if test="$row/@name"><xsl:text> </xsl:text><xsl:call-template name="text"><xsl:with-param name="value" select="$row/@name"/></xsl:call-template></xsl:if>
  </xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- A key figure: a name and the figure beneath. -->
<xsl:template name="key-figure">
 <xsl:param name="key"/>
 <xsl:param name="tally"/>
 <xsl:param name="a" select="'*'"/>
 <xsl:param name="b" select="'*'"/>
 <xsl:param name="c" select="'*'"/>
 <div>
  <dt><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></dt>
  <dd>
   <xsl:call-template name="figure">
    <xsl:with-param name="tally" select="$tally"/>
    <xsl:with-param name="a" select="$a"/>
    <xsl:with-param name="b" select="$b"/>
    <xsl:with-param name="c" select="$c"/>
   </xsl:call-template>
  </dd>
 </div>
</xsl:template>

<!-- Each value of a tally's first column: its word and figure. -->
<xsl:template name="tally-figures">
 <xsl:param name="tally"/>
 <xsl:param name="kind"/>
 <xsl:for-each select="key('tally', $tally)/ev:cell[not(@a = preceding-sibling::ev:cell/@a)]">
  <xsl:call-template name="key-figure">
   <xsl:with-param name="key" select="concat($kind, '.', @a)"/>
   <xsl:with-param name="tally" select="$tally"/>
   <xsl:with-param name="a" select="string(@a)"/>
  </xsl:call-template>
 </xsl:for-each>
</xsl:template>
</xsl:stylesheet>
